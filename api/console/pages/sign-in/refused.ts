import { type Html, html } from '../../markup/html.ts';
import type { PageContent } from '../../page/page.ts';

const ASK = 'Ask whoever runs this service';

/** Why nobody is signed in, and what helps. */
const REASONS = {
  invalid: html`<p>This sign-in was left for more than ten minutes, was finished before, or began in another browser
or at another address of this service.</p>`,
  denied: html`<p>Your organisation did not sign you in, or you told it not to.</p>`,
  no_rule: html`<p>Your organisation knows you, but gives you no access here. ${ASK} for a rule that fits you, in the file that
its setting <code>OIDC_MAP_FILE</code> names. Your organisation may also have to state your groups to this service.</p>`,
  no_user: html`<p>Your organisation states no name for you that can be used here, or an e-mail address that it has not
verified. ${ASK}: the setting <code>OIDC_MAP_FILE</code> says where the name comes from.</p>`,
  no_account: html`<p>The account to which you would be signed in does not exist, or was deleted. ${ASK}: the setting
<code>OIDC_MAP_FILE</code> names it.</p>`,
  disabled: html`<p>Your access was ended: your user is disabled here, or was deleted. ${ASK} if you should have it.</p>`,
} as const satisfies Record<string, Html>;

export type Refusal = keyof typeof REASONS;

export function refused(reason: Refusal): PageContent {
  return {
    title: 'You are not signed in',
    status: 403,
    main: html`<div role="alert">${REASONS[reason]}</div>
<p class="buttons"><a href="/sign-in" class="button">Sign in again</a></p>`,
  };
}
