import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { listAccess } from '../../../routes/access/list-access.ts';
import { accessFilters } from '../../../routes/access/schema.ts';
import { csvLink } from '../../markup/csv-link.ts';
import { html } from '../../markup/html.ts';
import { pager } from '../../markup/pager.ts';
import { listPart } from '../../markup/part.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { accessTable } from './access-table.ts';
import { accessFilterForm } from './filters.ts';

export const ACCESS_PAGE = definePage({
  path: '/access',
  summary: 'Lists who looked at what, signed in, made tokens and acted as an operator.',
  permission: 'access:read',
  navigation: { label: 'Access record', group: 'account' },
  params: none,
  query: accessFilters,
  compressed: true,
  takesTurns: true,
  errors: [],
  show: showAccess,
});

async function showAccess(
  deps: Pick<ApiDeps, 'accessRows' | 'cursors' | 'users' | 'writer'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof accessFilters>,
): Promise<PageContent> {
  const { accountId, accountName } = ctx.state.actor;
  const { data, next_cursor } = await listAccess(deps, accountId, query);
  const users = await deps.users.listById(
    accountId,
    data.flatMap(({ user }) => user ?? []),
  );
  const given = new URLSearchParams(ctx.querystring);
  return {
    title: 'Access record',
    main: html`<p>Who looked at sessions, reports and proofs of ${accountName}, who signed in, and what was done with tokens, webhooks,
logins and operators’ pages. Pages of lists leave no row.</p>
${accessFilterForm(given)}
${listPart(
  { count: data.length, hasMore: next_cursor !== null },
  html`${accessTable(data, users, timeZoneOf(ctx))}
${pager('/access', given, next_cursor)}
${csvLink('/access-log', given, 'Download all of it (CSV)')}`,
)}
<p><small>Each row is signed and chained to the one before. Next step, where a row is in doubt: have an operator run
<code>npm run verify -- --access --account ${accountId}</code>.</small></p>`,
  };
}
