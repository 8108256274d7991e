// One page of the account's agents, each with its rolling stats.
import { z } from 'zod';
import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import type { ApiDeps } from '../../http/context.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import { presentAgent } from './present.ts';
import type { AgentsQuery, AgentsResponse } from './schema.ts';

const LIST = 'agents';

const listState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal(LIST),
  after: z.string().describe('Id of the last agent shown.'),
});

export async function listAgents(
  deps: Pick<ApiDeps, 'agents' | 'cursors' | 'hours' | 'sessionSums'>,
  accountId: string,
  { limit, cursor }: AgentsQuery,
): Promise<AgentsResponse> {
  const identity = { account: accountId, list: LIST };
  const afterId = cursor === undefined ? null : verifyCursor(deps, cursor, listState, identity).after;
  const { page, last } = cutPage(await deps.agents.list(accountId, { afterId, limit: limit + 1 }), limit);
  const ids = page.map((agent) => agent.id);
  const stats = await readAgentStats(deps, accountId, ids, new Date());
  return {
    data: page.map((agent) => presentAgent(agent, stats.get(agent.id)!)),
    next_cursor: last ? deps.cursors.sign({ v: 1, ...identity, after: last.id }) : null,
  };
}
