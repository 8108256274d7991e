// Where a list of sessions stands: the window and filters as the first page resolved them, which its cursor carries on.
import { z } from 'zod';
import { LOG_FINDINGS } from '../../shared/sessions/log-marks.ts';
import { SESSION_STATUSES } from '../../shared/sessions/session.ts';
import { DEFAULT_SINCE, type Since } from '../../shared/time/time-window.ts';
import type { ApiDeps } from './context.ts';
import { isOtherSince, refuseOtherFilters } from './cursor-filters.ts';
import { resolveWindow } from './list-window.ts';
import { type ListIdentity, verifyCursor } from './paging.ts';
import { ENDED_STATES, type SessionFilters } from './session-list-query.ts';

const listState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.string().describe('Path of the list below /api/v1, with the id of the agent if it has one.'),
  since: z.int().describe('Unix milliseconds.'),
  since_text: z.string().describe('since as the caller gave it.'),
  until: z.int().describe('Unix milliseconds.'),
  agent_id: z.string().nullable(),
  status: z.enum(SESSION_STATUSES).nullable(),
  log_state: z.enum(ENDED_STATES).nullable().default(null).describe('Absent in older cursors.'),
  log: z.enum(LOG_FINDINGS).nullable().default(null).describe('Absent in older cursors.'),
  external_id: z.string().nullable().default(null).describe('Absent in older cursors.'),
  min_redactions: z.int(),
  after: z
    .tuple([z.int(), z.string()])
    .nullable()
    .describe('started_at (Unix milliseconds) and id of the last row shown; null before the first page.'),
});

export type SessionListState = z.infer<typeof listState>;

/**
 * The state of the page that is asked for: the cursor's, or a new one with its window resolved at `now`, so that later
 * pages read the same rows. Throws `validation_failed` for a cursor of another list, and for filters that differ from
 * the cursor's; filters left out are the cursor's own.
 */
export function resolveState(
  deps: Pick<ApiDeps, 'cursors'>,
  query: SessionFilters,
  identity: ListIdentity,
  now: Date,
): SessionListState {
  if (query.cursor === undefined) return startState(query, identity, now);
  const state = verifyCursor(deps, query.cursor, listState, identity);
  const { since, until, agent_id, status, log_state, log, external_id, min_redactions } = query;
  refuseOtherFilters({
    since: isOtherSince(since, state),
    until: until && until.getTime() !== state.until,
    agent_id: agent_id && agent_id !== state.agent_id,
    status: status && status !== state.status,
    log_state: log_state && log_state !== state.log_state,
    log: log && log !== state.log,
    external_id: external_id && external_id !== state.external_id,
    min_redactions: min_redactions !== undefined && min_redactions !== state.min_redactions,
  });
  return state;
}

const EVER: Since = { text: 'ever', at: new Date(0) };

function startState(query: SessionFilters, identity: ListIdentity, now: Date): SessionListState {
  // One session is looked for: no window hides it unless it was asked for.
  const since = query.since ?? (query.external_id === undefined ? DEFAULT_SINCE : EVER);
  const window = resolveWindow({ since, until: query.until }, now);
  return {
    v: 1,
    ...identity,
    since: window.since.getTime(),
    since_text: since.text,
    until: window.until.getTime(),
    agent_id: query.agent_id ?? null,
    status: query.status ?? null,
    log_state: query.log_state ?? null,
    log: query.log ?? null,
    external_id: query.external_id ?? null,
    min_redactions: query.min_redactions ?? 0,
    after: null,
  };
}
