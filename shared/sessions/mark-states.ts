// What a verification writes to a session's row: the marks of a log that failed or could not be verified, and what takes
// them away. `session-states.ts` has the table of all fields.
import type { Filter } from 'mongodb';
import type { AuditKey } from '../audit/audit-keys.ts';
import type { FailedLog, UnverifiableLog } from '../audit/verdict.ts';
import { HOUR_MS } from '../time/durations.ts';
import { hasMarks, type SessionMarks } from './session.ts';
import type { StoredSession, StoredUnverifiable } from './session-row.ts';
import { toStoredUnverifiable } from './to-row.ts';
import { change, type Transition } from './transition.ts';

/** Marks the log as failed. From: not marked, or marked with another fault or place. To: marked with this one. */
export function markFailed(
  accountId: string,
  sessionId: string,
  { fault, seq }: Pick<FailedLog, 'fault' | 'seq'>,
  now: Date,
): Transition {
  return {
    filter: {
      _id: sessionId,
      account_id: accountId,
      // A mark with another time than a finding can have was not left by one, and would be in no count. Others who find the
      // log failed at the same time took theirs a little later, by this clock or by one that is ahead.
      $nor: [
        {
          'log_failed.fault': fault,
          'log_failed.seq': seq,
          'log_failed.found_at': { $gt: new Date(0), $lt: new Date(now.getTime() + HOUR_MS) },
        },
      ],
    },
    update: { $set: { log_failed: { fault, seq, found_at: now } } },
  };
}

/** Marks the log as unverifiable. From: not marked, or for another reason. To: marked for this one. */
export function markUnverifiable(accountId: string, sessionId: string, verdict: UnverifiableLog): Transition {
  const mark = toStoredUnverifiable(verdict);
  return {
    filter: { _id: sessionId, account_id: accountId, $nor: [fieldsOf(mark)] },
    update: { $set: { log_unverifiable: mark } },
  };
}

/**
 * Takes the marks away after the log was verified. From: marked exactly as seen, and with whatever stands in the place of a
 * mark. To: without marks, its counts due: a session that was marked may lack a root that it can have now. Null where no
 * marks were seen.
 */
export function clearMarks(
  accountId: string,
  sessionId: string,
  marks: SessionMarks,
  now: Date,
): Transition | null {
  if (!hasMarks(marks)) return null;
  const { failed, unverifiable, isOdd } = marks;
  return {
    filter: {
      _id: sessionId,
      account_id: accountId,
      ...(failed
        ? {
            'log_failed.fault': failed.fault,
            'log_failed.seq': failed.seq,
            'log_failed.found_at': failed.foundAt,
          }
        : absentOr(isOdd, 'log_failed')),
      ...(unverifiable ? fieldsOf(toStoredUnverifiable(unverifiable)) : absentOr(isOdd, 'log_unverifiable')),
    },
    update: change(now, {}, ['log_failed', 'log_unverifiable']),
  };
}

/**
 * Makes sessions of all accounts due again whose key was missing and is configured now. From: marked with one of these
 * keys. To: without that mark, counts due. `keys` must not be empty.
 */
export function retryUnverifiable(keys: readonly Pick<AuditKey, 'id' | 'check'>[], now: Date): Transition {
  // A key of the same id and other bytes is not the key that the log was written under.
  const missed = keys.map(({ id, check }) => ({
    'log_unverifiable.key_id': id,
    'log.key_check': check,
  }));
  // No count can be raised in a row with anything else, at which the update of all would stop. Its walk names that row.
  const changes = { $not: { $type: 'array' }, $gte: 0, $lt: Number.MAX_SAFE_INTEGER };
  return {
    filter: { $and: [{ $or: missed }, { $or: [{ changes }, { changes: { $exists: false } }] }] } as object,
    update: change(now, {}, ['log_unverifiable']),
  };
}

/** What is no mark may hold anything, a pattern included, so that no filter finds it as it was seen. */
function absentOr(
  isOdd: boolean | undefined,
  mark: 'log_failed' | 'log_unverifiable',
): Filter<StoredSession> {
  return isOdd ? { $or: ANY_MARK } : { [mark]: null };
}

const ANY_MARK = [{ log_failed: { $exists: true } }, { log_unverifiable: { $exists: true } }] as object[];

/** A mark's fields, each by itself: a filter on the whole object asks for their order, too. */
function fieldsOf(mark: StoredUnverifiable): Filter<StoredSession> {
  return Object.fromEntries(Object.entries(mark).map(([name, value]) => [`log_unverifiable.${name}`, value]));
}
