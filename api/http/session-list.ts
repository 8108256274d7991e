// The sessions of a list, for the account's and for an agent's: page by page, or whole.
import type { ListedSession } from '../../shared/sessions/session.ts';
import type { ApiDeps } from './context.ts';
import { type CsvColumns, eachRow } from './csv-list.ts';
import { cutPage } from './paging.ts';
import type { SessionListState } from './session-list-state.ts';
import { presentSummary, type SessionSummaryResponse, type SessionsResponse } from './session-summary.ts';

/** `reading`: names of agents that the caller reads anyway. */
export async function listSessionPage(
  { sessions, agents, cursors, metrics }: Pick<ApiDeps, 'sessions' | 'agents' | 'cursors' | 'metrics'>,
  state: SessionListState,
  limit: number,
  reading?: Promise<ReadonlyMap<string, string>>,
): Promise<SessionsResponse> {
  let damagedRows = 0;
  const [rows, likely] = await Promise.all([
    sessions.list(state.account, { ...toSessionQuery(state), limit: limit + 1 }, (count) => {
      damagedRows = count;
    }),
    // Reads agent names beside the page, not after it: most accounts have so few agents that no name is missing then.
    reading ?? likelyNames(agents, state, limit),
  ]);
  metrics.countDamagedRows(damagedRows);
  const { page, last } = cutPage(rows, limit);
  const missing = page.map((row) => row.agentId).filter((id) => !likely.has(id));
  const names = new Map([...likely, ...(await agents.namesById(state.account, missing))]);
  return {
    data: page.map((row) => presentSummary(row, names.get(row.agentId) ?? row.agentId)),
    next_cursor: last ? cursors.sign({ ...state, after: [last.startedAt.getTime(), last.id] }) : null,
    damaged_rows: damagedRows,
  };
}

/** Every session from where the state stands, as pages show them. Agents' names are read with each batch. */
export function eachSession(
  { sessions, agents, metrics }: Pick<ApiDeps, 'sessions' | 'agents' | 'metrics'>,
  state: SessionListState,
): AsyncIterable<SessionSummaryResponse> {
  return eachRow(state.after, readBatch, ({ id, started_at: startedAt }): SessionListState['after'] => [
    Date.parse(startedAt),
    id,
  ]);

  async function readBatch(after: SessionListState['after'], limit: number) {
    const query = { ...toSessionQuery({ ...state, after }), limit };
    const rows = await sessions.list(state.account, query, metrics.countDamagedRows);
    const names = await agents.namesById(state.account, [...new Set(rows.map(({ agentId }) => agentId))]);
    return rows.map((row: ListedSession) => presentSummary(row, names.get(row.agentId) ?? row.agentId));
  }
}

/** As the fields of a row in JSON. `redactions_by_kind` is an object of JSON in one cell. */
export const SESSION_COLUMNS: CsvColumns<SessionSummaryResponse> = {
  id: (row) => row.id,
  agent_id: (row) => row.agent_id,
  agent_name: (row) => row.agent_name,
  started_at: (row) => row.started_at,
  ended_at: (row) => row.ended_at,
  duration_ms: (row) => row.duration_ms,
  status: (row) => row.status,
  redaction_count: (row) => row.redaction_count,
  redactions_by_kind: (row) => JSON.stringify(row.redactions_by_kind),
  upstream_model: (row) => row.upstream_model,
  external_id: (row) => row.external_id,
  log_state: (row) => row.log_state,
};

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
