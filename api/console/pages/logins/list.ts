import { listLogins } from '../../../../shared/accounts/list-logins.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { html, nothing } from '../../markup/html.ts';
import { maySee } from '../../page/may-see.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { currentLoginId } from './current-login.ts';
import { loginTable } from './login-table.ts';

export const LOGINS_PAGE = definePage({
  path: '/logins',
  summary: 'Lists who is signed in to the account.',
  // Whoever acts for an account may see who else does, to notice a login that is nobody’s.
  permission: 'login',
  navigation: { label: 'Logins', group: 'account' },
  params: none,
  query: none,
  errors: [],
  show: showLogins,
});

/** The command lists more. */
const LISTED_AT_MOST = 200;

async function showLogins(
  deps: Pick<ApiDeps, 'accounts' | 'logins' | 'users'>,
  ctx: ApiContext,
): Promise<PageContent> {
  const { actor } = ctx.state;
  const logins = await listLogins(deps, actor.accountId, LISTED_AT_MOST);
  const mayEndAll = maySee(actor, 'tokens:write');
  return {
    title: 'Logins',
    main: html`<p>Everybody who is signed in to ${actor.accountName}. A login that is revoked is refused from the next request on.</p>
${mayEndAll ? nothing : html`<p>You may revoke your own. Those of others take the permission <code>tokens:write</code>.</p>`}
${loginTable(logins, {
  currentId: currentLoginId(ctx),
  mayEnd: ({ userId }) => mayEndAll || userId === actor.userId,
  timeZone: timeZoneOf(ctx),
})}
${
  logins.length < LISTED_AT_MOST
    ? nothing
    : html`<p>These are the newest ${LISTED_AT_MOST}. <code>npm run logins -- --account ${actor.accountId}</code> lists more.</p>`
}`,
  };
}
