import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { listAgents } from '../../../routes/agents/list-agents.ts';
import { type AgentResponse, agentsPageQuery } from '../../../routes/agents/schema.ts';
import { csvLink } from '../../markup/csv-link.ts';
import { type Html, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { pager } from '../../markup/pager.ts';
import { listPart } from '../../markup/part.ts';
import { table } from '../../markup/table.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { formatLatency } from './latency.ts';

export const AGENTS_PAGE = definePage({
  path: '/agents',
  summary: 'Lists the agents of the account, each with its rolling statistics.',
  permission: 'agents:read',
  navigation: { label: 'Agents', group: 'evidence' },
  params: none,
  query: agentsPageQuery,
  compressed: true,
  takesTurns: true,
  errors: [],
  show: showAgents,
});

async function showAgents(
  deps: Pick<ApiDeps, 'agents' | 'cursors' | 'hours' | 'sessionSums'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof agentsPageQuery>,
): Promise<PageContent> {
  const page = await listAgents(deps, ctx.state.actor.accountId, query);
  const given = new URLSearchParams(ctx.querystring);
  return {
    title: 'Agents',
    main: listPart(
      { count: page.data.length, hasMore: page.next_cursor !== null },
      html`${agentTable(page.data)}
${pager('/agents', given, page.next_cursor)}
${csvLink('/agents', given, 'Download all agents (CSV)')}`,
    ),
  };
}

function agentTable(agents: readonly AgentResponse[]): Html {
  return table(
    agents,
    [
      {
        heading: 'Agent',
        holds: 'name',
        cell: ({ id, name }) => html`<a href="/agents/${id}">${name || id}</a>`,
      },
      { heading: 'Policy', holds: 'name', cell: ({ policy_name }) => policy_name || '–' },
      {
        heading: 'Sessions, 24 h',
        holds: 'number',
        cell: ({ session_count_24h }) => formatCount(session_count_24h),
      },
      {
        heading: 'Sessions, 7 d',
        holds: 'number',
        cell: ({ session_count_7d }) => formatCount(session_count_7d),
      },
      {
        heading: 'Redactions, 24 h',
        holds: 'number',
        cell: ({ redaction_count_24h }) => formatCount(redaction_count_24h),
      },
      {
        heading: 'Median',
        holds: 'number',
        cell: ({ p50_latency_ms }) => formatLatency(p50_latency_ms),
      },
      {
        heading: '95th pct.',
        holds: 'number',
        cell: ({ p95_latency_ms }) => formatLatency(p95_latency_ms),
      },
    ],
    {
      caption:
        'Agents, oldest first. Median and 95th percentile are of the durations of whole sessions, 24 h.',
      empty: 'The account has no agent yet. Agents come with the first import or session.',
    },
  );
}
