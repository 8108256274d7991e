// A session as lists show it, and the fields that its own page begins with.
import { z } from 'zod';

import { LOG_STATES } from '../../shared/audit/verdict.ts';
import {
  durationOf,
  type ListedSession,
  SESSION_STATUSES,
  type SessionSummary,
} from '../../shared/sessions/session.ts';

import { presentStoredTime, presentTime } from '../../shared/time/present-time.ts';
import { pageResponse } from './paging.ts';
import { idOf } from './parameters.ts';

const time = z.iso.datetime();
const count = z.int().nonnegative();

export const sessionSummary = z
  .strictObject({
    id: idOf('session', 'The session'),
    agent_id: idOf('agent', 'Agent that handled the session'),
    agent_name: z
      .string()
      .describe('Display name of the agent.')
      .meta({ examples: ['appointment-bot-prod'] }),
    started_at: time.describe('Start of the session, UTC.'),
    ended_at: time
      .nullable()
      .describe('End of the session, UTC; null while it is open.')
      .meta({ examples: ['2026-05-03T21:14:32.794Z'] }),
    duration_ms: count
      .nullable()
      .describe('Duration of the session in milliseconds; null while it is open.')
      .meta({ examples: [794] }),
    status: z.enum(SESSION_STATUSES).describe('Outcome of the session.'),
    redaction_count: count.describe('The sum of redactions_by_kind.').meta({ examples: [4] }),
    redactions_by_kind: z
      .record(z.string(), count)
      .describe('Redactions by PHI kind.')
      .meta({ examples: [{ PHONE: 1, NAME: 2, DOB: 1 }] }),
    upstream_model: z
      .string()
      .describe('Language model that the session used.')
      .meta({ examples: ['gpt-4o-mini'] }),
    external_id: z
      .string()
      .nullable()
      .describe('Id by which the system that wrote the session knows it; null where it stated none.')
      .meta({ examples: ['call-2026-0503-17'] }),
    log_state: z
      .enum(LOG_STATES)
      .describe(
        'As recorded; a list checks no log. open while the session runs. sealed: a seal is recorded; whether it is right, the log_verdict of the page of the session says, a report and npm run verify. unsealed: the session ended without a seal, so the tail of its log may have been cut.',
      ),
  })
  .meta({ id: 'SessionSummary' });

export const sessionsResponse = pageResponse(
  sessionSummary,
  'Sessions that have ended, newest first: started_at descending, then id descending.',
)
  .extend({
    damaged_rows: count.describe(
      'Rows among these that are not as a writer stores them, and that are not listed. npm run verify -- --all names them.',
    ),
  })
  .meta({ id: 'SessionPage' });

export type SessionSummaryResponse = z.infer<typeof sessionSummary>;
export type SessionsResponse = z.infer<typeof sessionsResponse>;

export function presentSummary(session: ListedSession, agentName: string): SessionSummaryResponse {
  return {
    ...presentIdentity(session, agentName),
    // A list holds rows that have a start.
    started_at: presentTime(session.startedAt),
    redaction_count: session.aggregate.redactionCount,
    redactions_by_kind: Object.fromEntries(session.aggregate.redactionsByKind),
    upstream_model: session.upstreamModel,
    log_state: session.logState,
  };
}

/** The fields of a session that do not depend on its log. */
export function presentIdentity(session: Omit<SessionSummary, 'aggregate'>, agentName: string) {
  return {
    id: session.id,
    agent_id: session.agentId,
    agent_name: agentName,
    started_at: presentStoredTime(session.startedAt),
    ended_at: presentStoredTime(session.endedAt),
    duration_ms: durationOf(session),
    status: session.status,
    external_id: session.externalId ?? null,
  };
}
