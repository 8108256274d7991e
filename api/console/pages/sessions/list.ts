import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import type { RouteInput } from '../../../http/route-spec.ts';
import { none } from '../../../http/route-spec.ts';
import { listSessionPage } from '../../../http/session-list.ts';
import { sessionsPageQuery } from '../../../http/session-list-query.ts';
import { resolveState } from '../../../http/session-list-state.ts';
import { csvLink } from '../../markup/csv-link.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { pager } from '../../markup/pager.ts';
import { listPart } from '../../markup/part.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { sessionFilters } from './filters.ts';
import { sessionTable } from './session-table.ts';

export const SESSIONS_PAGE = definePage({
  path: '/sessions',
  summary: 'Lists the sessions of the account.',
  permission: 'sessions:read',
  navigation: { label: 'Sessions', group: 'evidence' },
  params: none,
  query: sessionsPageQuery,
  compressed: true,
  takesTurns: true,
  errors: [],
  show: showSessions,
});

async function showSessions(
  deps: Pick<ApiDeps, 'sessions' | 'agents' | 'cursors' | 'metrics'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof sessionsPageQuery>,
): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  const state = resolveState(deps, query, { account: accountId, list: 'sessions' }, new Date());
  const reading = deps.agents.someNames(accountId, AGENTS_OFFERED);
  const [page, agents] = await Promise.all([listSessionPage(deps, state, query.limit, reading), reading]);
  const given = new URLSearchParams(ctx.querystring);
  return {
    title: 'Sessions',
    main: html`${sessionFilters(given, agents)}
${listPart(
  { count: page.data.length, hasMore: page.next_cursor !== null },
  html`${sessionTable(page.data, timeZoneOf(ctx))}
${page.damaged_rows === 0 ? nothing : damagedNote(page.damaged_rows)}
${pager('/sessions', given, page.next_cursor)}
${csvLink('/sessions', given, 'Download all of these (CSV)')}`,
)}`,
  };
}

function damagedNote(count: number): Html {
  return html`<p class="notice doubt">${formatCount(count)} rows among these are damaged and not listed. An operator's
<code>npm run verify -- --all</code> names them.</p>`;
}

/** Agents that the filter offers; an account with more finds the others on the page of the agent. */
const AGENTS_OFFERED = 200;
