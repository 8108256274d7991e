import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { html, nothing } from '../../markup/html.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { EMPTY_FORM, tokenForm } from './token-form.ts';
import { tokenTable } from './token-table.ts';

export const TOKENS_PAGE = definePage({
  path: '/tokens',
  summary: 'Lists the bearer tokens of the account, and makes one.',
  permission: 'tokens:write',
  navigation: { label: 'API tokens', group: 'account' },
  params: none,
  query: none,
  errors: [],
  show: showTokens,
});

/** The command lists more. */
const LISTED_AT_MOST = 200;

async function showTokens({ tokens }: Pick<ApiDeps, 'tokens'>, ctx: ApiContext): Promise<PageContent> {
  const { actor } = ctx.state;
  const listed = await tokens.list(actor.accountId, LISTED_AT_MOST);
  return {
    title: 'API tokens',
    main: html`<p>A program acts for ${actor.accountName} with a token. One that is revoked is refused from the next request on.</p>
${tokenTable(listed, timeZoneOf(ctx), new Date())}
${
  listed.length < LISTED_AT_MOST
    ? nothing
    : html`<p>These are the newest ${LISTED_AT_MOST}. <code>npm run tokens -- --account ${actor.accountId}</code> lists more.</p>`
}
<h2>Make a token</h2>
${tokenForm(actor.permissions, EMPTY_FORM)}`,
  };
}
