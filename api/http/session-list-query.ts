// The filters of a list of sessions: the account's list and an agent's take the same.
import { z } from 'zod';
import { EXTERNAL_ID_LIMIT } from '../../shared/sessions/external-id.ts';
import { LOG_FINDINGS } from '../../shared/sessions/log-marks.ts';
import { SESSION_STATUSES } from '../../shared/sessions/session.ts';
import { listFormat } from './csv-list.ts';
import { agentId, cursor, limit, since, until } from './parameters.ts';

const STATUS = `status must be given once, one of ${SESSION_STATUSES.join(', ')}.`;
/** Lists hold sessions that have ended. */
export const ENDED_STATES = ['sealed', 'unsealed'] as const;

const LOG_STATE = `log_state must be given once, one of ${ENDED_STATES.join(', ')}.`;
const LOG = `log must be given once, one of ${LOG_FINDINGS.join(', ')}.`;
const EXTERNAL_ID = `external_id must be given once, 1 to ${EXTERNAL_ID_LIMIT} bytes.`;
const MIN_REDACTIONS = 'min_redactions must be given once, a whole number from 0 to 999999999.';

/** What a page of `GET /agents/{agent_id}/sessions` takes. */
const agentSessionsPageQuery = z.object({
  limit,
  cursor,
  since,
  until,
  status: z
    .enum(SESSION_STATUSES, STATUS)
    .optional()
    .describe('Only sessions with this outcome. Any outcome when left out.'),
  log_state: z
    .enum(ENDED_STATES, LOG_STATE)
    .optional()
    .describe(
      'Only sessions with a recorded seal, or that ended without one. A list checks no seal. Any when left out.',
    ),
  log: z
    .enum(LOG_FINDINGS, LOG)
    .optional()
    .describe(
      'Only sessions whose log an earlier verification found to have failed, or could not verify for want of its key, or that ended without a seal. A list verifies no log. Any when left out.',
    ),
  external_id: z
    .string(EXTERNAL_ID)
    .min(1, EXTERNAL_ID)
    .max(EXTERNAL_ID_LIMIT, EXTERNAL_ID)
    .optional()
    .describe('Only the session with this external id, however long ago it started where since is left out.'),
  min_redactions: z
    .string(MIN_REDACTIONS)
    .regex(/^(0|[1-9]\d{0,8})$/, MIN_REDACTIONS)
    .transform(Number)
    .optional()
    .describe('Only sessions with at least this many redactions. 0 when left out.')
    .meta({ type: 'integer', minimum: 0, maximum: 999_999_999 }),
});

/** What a page of `GET /sessions` takes, also the console's. */
export const sessionsPageQuery = agentSessionsPageQuery.extend({ agent_id: agentId });

/** `GET /agents/{agent_id}/sessions` */
export const agentSessionsQuery = agentSessionsPageQuery.extend({ format: listFormat });

/** `GET /sessions` */
export const sessionsQuery = sessionsPageQuery.extend({ format: listFormat });

export type SessionFilters = z.output<typeof sessionsPageQuery>;
