// Which rows a list of an account's sessions holds.
import type { Filter } from 'mongodb';
import { externalKey } from './external-id.ts';
import { FOUND, type LogFinding } from './log-marks.ts';
import type { SessionStatus } from './session.ts';
import type { StoredSession } from './session-row.ts';

/** Which sessions of an account to list, and after which one. */
export type SessionQuery = Readonly<{
  /** By start, inclusive. */
  since: Date;
  /** Exclusive. */
  until: Date;
  agentId?: string | undefined;
  status?: SessionStatus | undefined;
  externalId?: string | undefined;
  /** Only sessions whose log is sealed, or is not. */
  isSealed?: boolean | undefined;
  /** Only sessions whose log an earlier verification marked so, or that ended without a seal. */
  finding?: LogFinding | undefined;
  minRedactions: number;
  /** Only rows after this one in the list's order. */
  after: Readonly<{ startedAt: Date; id: string }> | null;
  limit: number;
}>;

const SEALED = { $type: 'string' } as const;
const NOT_SEALED = { $not: SEALED };

/** Ended sessions of the account that the query asks for. */
export function listFilter(accountId: string, query: SessionQuery): Filter<StoredSession> {
  const { since, until, agentId, status, externalId, isSealed, finding, minRedactions, after } = query;
  const upTo = after ? { started_at: { $gte: since, $lt: until, $lte: after.startedAt } } : {};
  return {
    account_id: accountId,
    started_at: { $gte: since, $lt: until },
    ...upTo,
    ended_at: { $ne: null },
    importing: { $ne: true },
    ...(agentId !== undefined && { agent_id: agentId }),
    ...(status !== undefined && { status }),
    ...(externalId !== undefined && { external_key: externalKey(accountId, externalId) }),
    ...(isSealed !== undefined && { 'log.seal': isSealed ? SEALED : NOT_SEALED }),
    // Beside the others: it may ask for the seal as well.
    ...(finding !== undefined && { $and: [FOUND[finding]] }),
    ...(minRedactions > 0 && { 'aggregate.redaction_count': { $gte: minRedactions } }),
    ...(after && {
      $or: [
        { started_at: { $lt: after.startedAt } },
        { started_at: after.startedAt, _id: { $lt: after.id } },
      ],
    }),
  };
}
