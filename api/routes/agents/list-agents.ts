// One page of the account's agents, each with its rolling stats.
import { z } from 'zod';
import type { AgentRepository } from '../../../shared/accounts/agent-repository.ts';
import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import type { SumSources } from '../../../shared/aggregates/aggregate-hour.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { CursorCodec } from '../../http/cursor.ts';
import { presentAgent } from './present.ts';
import type { AgentResponse } from './schema.ts';

type Deps = SumSources & Readonly<{ agents: AgentRepository; cursors: CursorCodec }>;

const cursorState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal('agents'),
  /** Id of the last agent shown. */
  after: z.string(),
});

export async function listAgents(
  deps: Deps,
  accountId: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<{ data: AgentResponse[]; next_cursor: string | null }> {
  const { agents, cursors } = deps;
  const afterId = query.cursor === undefined ? null : openCursor(cursors, query.cursor, accountId);
  // One row more than the page holds tells whether there is another page.
  const rows = await agents.list(accountId, { afterId, limit: query.limit + 1 });
  const page = rows.slice(0, query.limit);
  const ids = page.map((agent) => agent.id);
  const stats = await readAgentStats(deps, accountId, ids, new Date());
  const data = page.map((agent) => presentAgent(agent, stats.get(agent.id)!));
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  const state = last && { v: 1, account: accountId, list: 'agents', after: last.id };
  return { data, next_cursor: state ? cursors.sign(state) : null };
}

function openCursor(cursors: CursorCodec, text: string, accountId: string): string {
  const opened = cursorState.safeParse(cursors.verify(text));
  if (opened.success && opened.data.account === accountId) return opened.data.after;
  throw new AppError('validation_failed', 'cursor is not one that this list gave out.', { param: 'cursor' });
}
