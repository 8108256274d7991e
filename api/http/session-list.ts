// One page of sessions, for the account's list and for an agent's.
import type { ApiDeps } from './context.ts';
import { cutPage } from './paging.ts';
import type { SessionListState } from './session-list-state.ts';
import { presentSummary, type SessionsResponse } from './session-summary.ts';

/** `reading`: names of agents that the caller reads anyway. */
export async function listSessionPage(
  { sessions, agents, cursors }: Pick<ApiDeps, 'sessions' | 'agents' | 'cursors'>,
  state: SessionListState,
  limit: number,
  reading?: Promise<ReadonlyMap<string, string>>,
): Promise<SessionsResponse> {
  const [rows, likely] = await Promise.all([
    sessions.list(state.account, { ...toSessionQuery(state), limit: limit + 1 }),
    // Reads agent names beside the page, not after it: most accounts have so few agents that no name is missing then.
    reading ?? likelyNames(agents, state, limit),
  ]);
  const { page, last } = cutPage(rows, limit);
  const missing = page.map((row) => row.agentId).filter((id) => !likely.has(id));
  const names = new Map([...likely, ...(await agents.namesById(state.account, missing))]);
  return {
    data: page.map((row) => presentSummary(row, names.get(row.agentId) ?? row.agentId)),
    next_cursor: last ? cursors.sign({ ...state, after: [last.startedAt.getTime(), last.id] }) : null,
  };
}

function likelyNames(agents: ApiDeps['agents'], { account, agent_id }: SessionListState, limit: number) {
  return agent_id === null ? agents.someNames(account, limit) : agents.namesById(account, [agent_id]);
}

function toSessionQuery(state: SessionListState) {
  return {
    since: new Date(state.since),
    until: new Date(state.until),
    ...(state.agent_id !== null && { agentId: state.agent_id }),
    ...(state.status !== null && { status: state.status }),
    ...(state.log_state !== null && { isSealed: state.log_state === 'sealed' }),
    ...(state.log !== null && { finding: state.log }),
    ...(state.external_id !== null && { externalId: state.external_id }),
    minRedactions: state.min_redactions,
    after: state.after && { startedAt: new Date(state.after[0]), id: state.after[1] },
  };
}
