// Figures over the sessions of all accounts that name no session and no account, for /health and /metrics.
import type { Collection, Db } from 'mongodb';
import { earliestOf, findEarliest } from '../mongo/earliest.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { MARKED, UNSEALED } from './log-marks.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

/** Figures over all sessions. */
export type SessionGauges = ReturnType<typeof createSessionGauges>;

/** All methods reject with the driver's error when the database is away. */
export function createSessionGauges(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  return {
    /** The time of the change that has waited longest for derived data to follow it; null when none waits. */
    findOldestChange: () => findOldestChange(sessions, {}),

    /**
     * Since when the log that was not walked for the longest time has not been: by the schedule, or at the end of its
     * session. Null where no session has ended.
     */
    async findOldestWalk(): Promise<Date | null> {
      const published = { importing: { $ne: true } };
      return earliestOf(
        await Promise.all([
          findEarliest(sessions, published, 'walked_at'),
          findEarliest(sessions, { walked_at: null, ...published }, 'ended_at'),
        ]),
      );
    },

    /** How many sessions there are, by the database's own estimate. */
    countAll: () => sessions.estimatedDocumentCount(),

    /** Sessions whose log is marked as failed or as unverifiable, and ended ones whose log is not sealed. */
    async countLogs(): Promise<{ failed: number; unverifiable: number; unsealed: number }> {
      const [failed, unverifiable, unsealed] = await Promise.all([
        sessions.countDocuments(MARKED.failed, LISTED_WITHIN),
        sessions.countDocuments(MARKED.unverifiable, LISTED_WITHIN),
        sessions.countDocuments({ ...UNSEALED, importing: { $ne: true } }, LISTED_WITHIN),
      ]);
      return { failed, unverifiable, unsealed };
    },
  };
}

/** The time of the change among some sessions that has waited longest for derived data to follow it, or null. */
export async function findOldestChange(
  sessions: Collection<StoredSession>,
  among: Readonly<{ account_id?: string }>,
): Promise<Date | null> {
  return earliestOf(
    await Promise.all(
      [null, 'counted'].map((stage) =>
        findEarliest(sessions, { ...among, stage, importing: { $ne: true } }, 'changed_at'),
      ),
    ),
  );
}
