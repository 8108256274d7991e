import { z } from 'zod';
import { LOG_FAULTS } from '../../../shared/audit/verdict.ts';
import { SESSION_STATUSES } from '../../../shared/sessions/session.ts';
import { agentId, cursor, limit, since, until } from '../../http/parameters.ts';

const STATUS = `status must be given once, one of ${SESSION_STATUSES.join(', ')}.`;
const MIN_REDACTIONS = 'min_redactions must be given once, a whole number from 0 to 999999999.';
const FORMAT = 'format must be given once, json or pdf.';

/** `GET /agents/{agent_id}/sessions` */
export const agentSessionsQuery = z.object({
  limit,
  cursor,
  /** Sessions that started at this time or later; 24h when left out. */
  since,
  /** Sessions that started before this time; now when left out. */
  until,
  status: z.enum(SESSION_STATUSES, STATUS).optional(),
  /** Sessions with at least so many redactions; 0 when left out. */
  min_redactions: z
    .string(MIN_REDACTIONS)
    .regex(/^(0|[1-9]\d{0,8})$/, MIN_REDACTIONS)
    .transform(Number)
    .optional(),
});

/** `GET /sessions` */
export const sessionsQuery = agentSessionsQuery.extend({
  /** Sessions of this agent; an unknown one has none. */
  agent_id: agentId,
});

export type SessionsQuery = z.output<typeof sessionsQuery>;

/** `GET /sessions/{session_id}/report` */
export const reportQuery = z.object({
  format: z.enum(['json', 'pdf'], FORMAT).default('json'),
});

export type ReportFormat = z.output<typeof reportQuery>['format'];

const time = z.iso.datetime();
const count = z.int().nonnegative();
const countsByKind = z.record(z.string(), count);

export const sessionSummary = z.strictObject({
  id: z.string().describe('sess_ and a ULID.'),
  agent_id: z.string().describe('Agent that handled the session.'),
  agent_name: z.string().describe('Its display name.'),
  started_at: time,
  ended_at: time.nullable().describe('null while the session is open.'),
  duration_ms: count.nullable().describe('null while the session is open.'),
  status: z.enum(SESSION_STATUSES),
  redaction_count: count.describe('The sum of redactions_by_kind.'),
  redactions_by_kind: countsByKind,
  upstream_model: z.string().describe('Language model that the session used.'),
});

export const sessionsResponse = z.strictObject({
  data: z.array(sessionSummary).describe('Newest first: started_at descending, then id descending.'),
  next_cursor: z.string().nullable().describe('For the next page; null on the last.'),
});

export const redactionEvent = z.strictObject({
  event_id: z.string(),
  pass: z.string().describe('Detection pass that found it.'),
  entity_kind: z.string(),
  span: z.tuple([count, count]).describe('Half-open, in code points of the original message.'),
  confidence: z.number().min(0).max(1),
  token_kind: z.string().describe('Format of the token put in its place.'),
  kid: z.string().describe('Key the token was issued under.'),
});

export const sessionResponse = z.strictObject({
  session: sessionSummary.extend({
    policy_name: z.string().describe('Policy in force during the session.'),
    policy_version: z.int(),
    stage_durations_ms: z.record(z.string(), z.number()),
    events: z.array(redactionEvent).describe('All redactions, in the order of the log.'),
    payloads: z
      .strictObject({ request: z.unknown(), masked: z.unknown(), response: z.unknown() })
      .describe('Members are null unless the policy in force had log_payloads: true.'),
    merkle_root_hex: z.string().nullable().describe('The root as sealed; null until then.'),
    log_verdict: z
      .enum(['verified', 'unverifiable', ...LOG_FAULTS])
      .describe('What a walk of the log just found.'),
  }),
});

export type SessionSummaryResponse = z.infer<typeof sessionSummary>;
