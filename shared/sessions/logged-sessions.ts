// An account's sessions as the account log takes them up: which of them it lacks, and which entry holds one.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { createNamedEntries, NAMES_NO_ENTRY } from '../transparency/named-entries.ts';
import { ANY_DATE, MARKED } from './log-marks.ts';
import { makeDue, markLogged, nameEntry } from './logged-states.ts';
import type { RecordedSession } from './session.ts';
import { RECORDED_SNAPSHOT_FIELDS, SESSIONS, type StoredSession, toRecordedSnapshot } from './session-row.ts';

/** An ended session whose stored root the account log does not hold yet. */
export type DueForLog = Readonly<{
  session: RecordedSession;
  /** The root for which it is due. */
  rootHex: string;
}>;

/** Which entry of the account log holds a session's stored root. */
export type LoggedSession = Readonly<{ sessionId: string; rootHex: string; index: number }>;

/** A session that the account log holds, as its row has it now. */
export type StoredLoggedSession = Readonly<{
  session: RecordedSession;
  /** An import hides it. */
  isHidden: boolean;
  /** The account log lacks its present root. */
  isDue: boolean;
}>;

/** What the account log needs of an account's sessions. */
export type LoggedSessions = ReturnType<typeof createLoggedSessions>;

/** All methods reject with the driver's error when the database is away. */
export function createLoggedSessions(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  return {
    ...createNamedEntries(sessions),

    /**
     * Sessions that the account log lacks, by id from the first after `afterId`, at most `limit`. Leaves out those whose
     * log is marked as failed or unverifiable: a log that is found well again loses its mark. An id that is no text is
     * nobody's, and none that is one comes behind it.
     */
    async listDue(accountId: string, afterId: string | null, limit: number): Promise<DueForLog[]> {
      const rows = await sessions
        .find(
          {
            account_id: accountId,
            log_due: { $gt: '' },
            _id: { $gt: afterId ?? '' },
            importing: { $ne: true },
            $nor: [MARKED.failed, MARKED.unverifiable],
          },
          { projection: { ...RECORDED_SNAPSHOT_FIELDS, log_due: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
      return rows.map((row) => ({
        session: toRecordedSnapshot(row).session,
        rootHex: row.log_due as string,
      }));
    },

    /** These sessions by id, hidden ones included; one that the account does not have is left out. */
    async findLogged(
      accountId: string,
      sessionIds: readonly string[],
    ): Promise<ReadonlyMap<string, StoredLoggedSession>> {
      if (sessionIds.length === 0) return new Map();
      const rows = await sessions
        .find(
          { _id: { $in: [...sessionIds] }, account_id: accountId },
          {
            projection: { ...RECORDED_SNAPSHOT_FIELDS, log_due: 1 },
            batchSize: sessionIds.length + 1,
          },
        )
        .toArray();
      return new Map(
        rows.map((row) => [
          row._id,
          {
            session: toRecordedSnapshot(row).session,
            isHidden: row.importing !== undefined,
            isDue: typeof row.log_due === 'string',
          },
        ]),
      );
    },

    /** Names the entry of a session, unless its row names another than was seen by now. */
    async nameEntry(accountId: string, named: Parameters<typeof nameEntry>[1]): Promise<void> {
      const { filter, update } = nameEntry(accountId, named);
      await sessions.updateOne(filter, update);
    },

    /** Notes which entries hold these sessions. Passes over one that is not due with this root any more. */
    async markLogged(accountId: string, logged: readonly LoggedSession[]): Promise<void> {
      if (logged.length === 0) return;
      const updates = logged.map((one) => ({ updateOne: markLogged(accountId, one) }));
      await sessions.bulkWrite(updates, { ordered: false });
    },

    /**
     * Makes ended sessions with a stored root due that no entry holds: those that are older than the account log. Takes
     * at most `limit`, by id from the first after `afterId`. Resolves to how many it made due, and to the last id that it looked at, null at the end.
     */
    async makeDue(
      accountId: string,
      afterId: string | null,
      limit: number,
    ): Promise<Readonly<{ count: number; lastId: string | null }>> {
      const rows = await sessions
        .find(
          {
            account_id: accountId,
            _id: { $gt: afterId ?? '' },
            ...WITHOUT_ENTRY,
          } as object,
          { projection: { merkle_root_hex: 1, log_due: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
      // One that is due for another root than its own never gets an entry.
      const due = rows
        .filter(({ merkle_root_hex: root, log_due: dueRoot }) => dueRoot !== root)
        .map(({ _id, merkle_root_hex: root }) => ({ updateOne: makeDue(accountId, _id, root as string) }));
      if (due.length > 0) await sessions.bulkWrite(due, { ordered: false });
      return { count: due.length, lastId: rows.at(-1)?._id ?? null };
    },

    /** How many sessions of the account an import hides, which has not finished. */
    countHidden(accountId: string): Promise<number> {
      return sessions.countDocuments({ account_id: accountId, importing: { $exists: true } } as object);
    },

    /**
     * How many sessions ended before a time, have no mark, name no entry, and have no stored root or are not due for an entry
     * with it. An end is the caller's time: one in the future counts as before, or nobody would be told of such a session.
     */
    countUnlogged(accountId: string, before: Date): Promise<number> {
      const { $nor } = NAMES_NO_ENTRY;
      return sessions.countDocuments({
        account_id: accountId,
        importing: { $ne: true },
        ended_at: { ...ANY_DATE, $not: { $gte: before, $lte: new Date() } },
        $or: [
          { merkle_root_hex: { $not: { $type: 'string' } } },
          { $expr: { $ne: ['$log_due', '$merkle_root_hex'] } },
        ],
        $nor: [...$nor, MARKED.failed, MARKED.unverifiable],
      } as object);
    },
  };
}

/** Ended sessions with a stored root that no entry of the account log holds. */
const WITHOUT_ENTRY = {
  importing: { $ne: true },
  merkle_root_hex: { $type: 'string' },
  ended_at: { $ne: null },
  log_index: { $exists: false },
};
