// One page of sessions, for the account's list and for an agent's.
import type { AgentRepository } from '../../../shared/accounts/agent-repository.ts';
import type { SessionRepository } from '../../../shared/sessions/session-repository.ts';
import type { CursorCodec } from '../../http/cursor.ts';
import type { PageState } from './page-state.ts';
import { presentSummary } from './present.ts';
import type { SessionSummaryResponse } from './schema.ts';

type Deps = Readonly<{ sessions: SessionRepository; agents: AgentRepository; cursors: CursorCodec }>;

export async function listPage(
  { sessions, agents, cursors }: Deps,
  state: PageState,
  limit: number,
): Promise<{ data: SessionSummaryResponse[]; next_cursor: string | null }> {
  // One row more than the page holds tells whether there is another page.
  const [rows, likely] = await Promise.all([
    sessions.list(state.account, { ...toSessionQuery(state), limit: limit + 1 }),
    // Most accounts have few agents: their names come beside the page, not after it.
    state.agent_id === null
      ? agents.someNames(state.account, limit)
      : agents.namesById(state.account, [state.agent_id]),
  ]);
  const page = rows.slice(0, limit);
  const missing = page.map((row) => row.agentId).filter((id) => !likely.has(id));
  const names = new Map([...likely, ...(await agents.namesById(state.account, missing))]);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    data: page.map((row) => presentSummary(row, names.get(row.agentId) ?? row.agentId)),
    next_cursor: last ? cursors.sign({ ...state, after: [last.startedAt.getTime(), last.id] }) : null,
  };
}

function toSessionQuery(state: PageState) {
  return {
    since: new Date(state.since),
    until: new Date(state.until),
    ...(state.agent_id !== null && { agentId: state.agent_id }),
    ...(state.status !== null && { status: state.status }),
    minRedactions: state.min_redactions,
    after: state.after && { startedAt: new Date(state.after[0]), id: state.after[1] },
  };
}
