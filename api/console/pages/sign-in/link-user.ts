import { SIGN_IN_LINK_MINUTES, type SignInLink } from '../../../../shared/accounts/sign-in-links.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { html, nothing } from '../../markup/html.ts';
import type { PageContent } from '../../page/page.ts';

/** What an operator types for a link. */
export const LINK_COMMAND = html`<pre class="copy"><code>npm run login -- --account ACCOUNT_ID --user NAME --link</code></pre>`;

/** Account and user of a link; null where there is no link, or one of them was deleted or disabled since. */
export async function findLinkUser(
  { accounts, users }: Pick<ApiDeps, 'accounts' | 'users'>,
  link: SignInLink | null,
) {
  if (!link) return null;
  const [account, user] = await Promise.all([
    accounts.findActive(link.accountId),
    users.find(link.accountId, link.userId),
  ]);
  return account && user && { account, user };
}

/** One page for every link that does not work: it tells nobody whether there ever was such a link. */
export function linkEnded({ oidc }: Pick<ApiDeps, 'oidc'>): PageContent {
  return {
    title: 'This link does not work',
    status: 410,
    main: html`<p>A sign-in link works once, and for ${SIGN_IN_LINK_MINUTES} minutes. This one was used, has expired, or is not
complete.</p>
<p>Ask for another one. Whoever runs this service makes it with:</p>
${LINK_COMMAND}
<p>If you have just signed in, <a href="/">go to the overview</a>.${
      oidc ? html` Or <a href="/sign-in">sign in with your organisation</a>.` : nothing
    }</p>`,
  };
}
