// Figures over the sessions of all accounts that name no session and no account, for /health and /metrics.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

/** Any value of the type, in the form of a range: an index on the field then serves the filter. */
const ANY_DATE = { $gte: new Date(-8.64e15) };
/** Not an array of them, which is sorted by its earliest. */
const ONE_DATE = { ...ANY_DATE, $not: { $type: 'array' } };
const ANY_TEXT = { $gt: '' };

/** Figures over all sessions. */
export type SessionGauges = ReturnType<typeof createSessionGauges>;

/** All methods reject with the driver's error when the database is away. */
export function createSessionGauges(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  return {
    /** The time of the change that has waited longest for derived data to follow it; null when none waits. */
    async findOldestChange(): Promise<Date | null> {
      const waiting = await Promise.all(
        [null, 'counted'].map((stage) =>
          sessions.findOne({ stage, importing: { $ne: true }, changed_at: ONE_DATE } as object, {
            projection: { changed_at: 1 },
            sort: { changed_at: 1 },
          }),
        ),
      );
      const times = waiting.flatMap((row) => row?.changed_at?.getTime() ?? []);
      return times.length === 0 ? null : new Date(Math.min(...times));
    },

    /** Sessions whose log is marked as failed or as unverifiable, and ended ones whose log is not sealed. */
    async countLogs(): Promise<{ failed: number; unverifiable: number; unsealed: number }> {
      const [failed, unverifiable, unsealed] = await Promise.all([
        sessions.countDocuments({ 'log_failed.found_at': ANY_DATE }),
        sessions.countDocuments({ key_missing: ANY_TEXT }),
        sessions.countDocuments({ 'log.seal': null, ended_at: ANY_DATE, importing: { $ne: true } }),
      ]);
      return { failed, unverifiable, unsealed };
    },
  };
}
