// The account's agents, each with its rolling stats: page by page, or whole.
import { z } from 'zod';
import type { Agent } from '../../../shared/accounts/agent-repository.ts';
import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import type { ApiDeps } from '../../http/context.ts';
import { type CsvColumns, eachRow } from '../../http/csv-list.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import { presentAgent } from './present.ts';
import type { AgentResponse, AgentsQuery, AgentsResponse } from './schema.ts';

const LIST = 'agents';

const listState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal(LIST),
  after: z.string().describe('Id of the last agent shown.'),
});

type ListDeps = Pick<ApiDeps, 'agents' | 'cursors' | 'hours' | 'sessionSums'>;

export async function listAgents(
  deps: ListDeps,
  accountId: string,
  { limit, cursor }: AgentsQuery,
): Promise<AgentsResponse> {
  const afterId = readPlace(deps, accountId, cursor);
  const { page, last } = cutPage(await deps.agents.list(accountId, { afterId, limit: limit + 1 }), limit);
  return {
    data: await presentAll(deps, accountId, page, new Date()),
    next_cursor: last ? deps.cursors.sign({ v: 1, account: accountId, list: LIST, after: last.id }) : null,
  };
}

/**
 * Every agent from where the cursor says, all with the stats of one time. Throws as `listAgents`, before an agent is read.
 */
export function eachAgent(
  deps: ListDeps,
  accountId: string,
  { cursor }: Pick<AgentsQuery, 'cursor'>,
): AsyncIterable<AgentResponse> {
  const now = new Date();
  return eachRow(
    readPlace(deps, accountId, cursor),
    async (afterId, limit) =>
      presentAll(deps, accountId, await deps.agents.list(accountId, { afterId, limit }), now),
    ({ id }): string | null => id,
  );
}

/** As the fields of a row in JSON. */
export const AGENT_COLUMNS: CsvColumns<AgentResponse> = {
  id: (row) => row.id,
  name: (row) => row.name,
  policy_name: (row) => row.policy_name,
  session_count_24h: (row) => row.session_count_24h,
  session_count_7d: (row) => row.session_count_7d,
  redaction_count_24h: (row) => row.redaction_count_24h,
  p50_latency_ms: (row) => row.p50_latency_ms,
  p95_latency_ms: (row) => row.p95_latency_ms,
};

function readPlace(deps: ListDeps, account: string, cursor: string | undefined): string | null {
  return cursor === undefined ? null : verifyCursor(deps, cursor, listState, { account, list: LIST }).after;
}

async function presentAll(
  deps: ListDeps,
  accountId: string,
  agents: readonly Agent[],
  now: Date,
): Promise<AgentResponse[]> {
  const ids = agents.map(({ id }) => id);
  const stats = await readAgentStats(deps, accountId, ids, now);
  return agents.map((agent) => presentAgent(agent, stats.get(agent.id)!));
}
