// What a page of sessions is a page of: the window and filters as first resolved, which its cursor carries on.
import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import { SESSION_STATUSES } from '../../../shared/sessions/session.ts';
import { DEFAULT_SINCE, resolveSince } from '../../../shared/time/time-window.ts';
import type { CursorCodec } from '../../http/cursor.ts';
import type { SessionsQuery } from './schema.ts';

const pageState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  /** The list's address, with the agent where it is an agent's. */
  list: z.string(),
  /** Unix milliseconds. The text is as the caller gave it. */
  since: z.int(),
  since_text: z.string(),
  until: z.int(),
  agent_id: z.string().nullable(),
  status: z.enum(SESSION_STATUSES).nullable(),
  min_redactions: z.int(),
  /** `started_at` (Unix milliseconds) and id of the last row shown; null before the first. */
  after: z.tuple([z.int(), z.string()]).nullable(),
});

export type PageState = z.infer<typeof pageState>;

/** Which list is asked for, and whose. */
export type ListIdentity = Readonly<{ account: string; list: string }>;

/**
 * The state that the query asks for: the cursor's, or a new one with its window resolved at `now`, so that later pages
 * look at the same rows. Throws `validation_failed` for a cursor that is not ours, or of another list, or whose filters
 * are not those given with it; filters left out are the cursor's own.
 */
export function resolvePage(
  query: SessionsQuery,
  identity: ListIdentity,
  cursors: CursorCodec,
  now: Date,
): PageState {
  if (query.cursor === undefined) return startPage(query, identity, now);
  const opened = pageState.safeParse(cursors.verify(query.cursor));
  if (!opened.success || opened.data.account !== identity.account || opened.data.list !== identity.list) {
    throw new AppError('validation_failed', 'cursor is not one that this list gave out.', {
      param: 'cursor',
    });
  }
  refuseOtherFilters(query, opened.data);
  return opened.data;
}

function startPage(query: SessionsQuery, identity: ListIdentity, now: Date): PageState {
  const since = query.since ?? DEFAULT_SINCE;
  return {
    v: 1,
    ...identity,
    since: resolveSince(since, now).getTime(),
    since_text: since.text,
    until: (query.until ?? now).getTime(),
    agent_id: query.agent_id ?? null,
    status: query.status ?? null,
    min_redactions: query.min_redactions ?? 0,
    after: null,
  };
}

function refuseOtherFilters(query: SessionsQuery, state: PageState): void {
  const { since, until, agent_id, status, min_redactions } = query;
  const differs = {
    since: since && since.text !== state.since_text && !('at' in since && since.at.getTime() === state.since),
    until: until && until.getTime() !== state.until,
    agent_id: agent_id && agent_id !== state.agent_id,
    status: status && status !== state.status,
    min_redactions: min_redactions !== undefined && min_redactions !== state.min_redactions,
  };
  for (const [name, different] of Object.entries(differs)) {
    if (!different) continue;
    const message = `cursor belongs to a list with another ${name}: leave ${name} out, or start again without the cursor.`;
    throw new AppError('validation_failed', message, { param: 'cursor' });
  }
}
