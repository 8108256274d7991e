// Sessions as the background pipeline sees them, all accounts' together: what is yet to be done for which, and the
// results of doing it. A result is written only where the session is still as it was when the work began, by its
// count of changes; whoever loses that race leaves the session to the next sweep.
import type { Collection, Db, Filter } from 'mongodb';
import type { AuditKey } from '../audit/audit-keys.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import type { LogHead, Session, SessionAggregate } from './session.ts';
import {
  CHANGED,
  SESSION_FIELDS,
  SESSIONS,
  type StoredSession,
  toSession,
  toStoredAggregate,
} from './stored-session.ts';

export const SESSION_WORK_INDEXES: readonly IndexSpec[] = [
  { collection: SESSIONS, key: { stage: 1, _id: 1 } },
  { collection: SESSIONS, key: { stage: 1, changed_at: 1 } },
  { collection: SESSIONS, key: { ended_at: 1, _id: 1 } },
  { collection: SESSIONS, key: { 'log_failed.found_at': 1 }, sparse: true },
  { collection: SESSIONS, key: { key_missing: 1 }, sparse: true },
  { collection: SESSIONS, key: { _id: 1, account_id: 1, changes: 1 }, unique: true, emulatedOnly: true },
];

export type SessionRef = Readonly<{ accountId: string; sessionId: string }>;

/** A session with what the pipeline knows of it. */
export type SessionAtWork = Readonly<{
  session: Session;
  /** Writes so far that derived data has to follow. */
  changes: number;
  stage: 'counted' | 'done' | null;
  /** Its log was found wrong, or its audit key was not configured, when it was last checked. */
  isFailed: boolean;
  isUnverifiable: boolean;
}>;

/** What is due for a session: its counts and root, or only the sum of its hour. */
export type DueSession = SessionRef &
  Readonly<{ agentId: string; startedAt: Date; needs: 'counts' | 'hour' }>;

/** What a walk found of a log: its counts, and the head they go up to. */
export type VerifiedCounts = Readonly<
  { aggregate: SessionAggregate } & Pick<LogHead, 'size' | 'headHashHex'>
>;

/** Which sessions an operator's command is about: all that fit everything that is given. */
export type SessionSelection = Readonly<{
  accountId?: string | undefined;
  agentId?: string | undefined;
  /** By start: inclusive, exclusive. */
  since?: Date | undefined;
  until?: Date | undefined;
  /** Only those that have ended, and of those only the ones without a root. */
  ended?: boolean;
  withoutRoot?: boolean;
}>;

export type SessionWork = ReturnType<typeof createSessionWork>;

export function createSessionWork(db: Db) {
  const sessions: Collection<StoredSession> = db.collection(SESSIONS);

  /** Changes the session unless somebody else changed it since it was read. */
  async function update(
    { session, changes }: SessionAtWork,
    change: Parameters<typeof sessions.updateOne>[1],
  ): Promise<boolean> {
    const asRead = {
      _id: session.id,
      account_id: session.accountId,
      changes: changes === 0 ? null : changes,
    };
    const { matchedCount } = await sessions.updateOne(asRead as Filter<StoredSession>, change);
    return matchedCount === 1;
  }

  async function listIds(filter: Filter<StoredSession>, afterId: string | null, limit: number) {
    return await sessions
      .find(
        { importing: { $ne: true }, ...filter, ...(afterId !== null && { _id: { $gt: afterId } }) },
        { projection: { account_id: 1, agent_id: 1, started_at: 1, stage: 1 } },
      )
      .sort({ _id: 1 })
      .limit(limit)
      .batchSize(limit + 1)
      .toArray();
  }

  return {
    /** The session, or null when the account has none with this id or its import has not finished. */
    async find(accountId: string, sessionId: string): Promise<SessionAtWork | null> {
      const row = await sessions.findOne(
        { _id: sessionId, account_id: accountId },
        { projection: { ...SESSION_FIELDS, stage: 1, changes: 1, log_failed: 1, key_missing: 1 } },
      );
      if (!row || row.importing) return null;
      return {
        session: toSession(row),
        changes: row.changes ?? 0,
        stage: row.stage ?? null,
        isFailed: row.log_failed !== undefined,
        isUnverifiable: row.key_missing !== undefined,
      };
    },

    /** Sessions of all accounts for which something is due, by id, after `afterId`. */
    async listDue(afterId: string | null, limit: number): Promise<DueSession[]> {
      const rows = await listIds({ stage: { $in: [null, 'counted'] } } as object, afterId, limit);
      return rows.map((row) => ({
        ...{ accountId: row.account_id, sessionId: row._id, agentId: row.agent_id },
        ...{ startedAt: row.started_at, needs: row.stage === 'counted' ? 'hour' : 'counts' },
      }));
    },

    /** Sessions of all accounts that have not ended and can be counted, by id, after `afterId`. */
    async listOpen(afterId: string | null, limit: number): Promise<SessionRef[]> {
      // A log that is wrong or cannot be checked is not come back to until it changes, and is due then.
      const unmarked = { log_failed: { $exists: false }, key_missing: { $exists: false } };
      const rows = await listIds({ ended_at: null, ...unmarked }, afterId, limit);
      return rows.map((row) => ({ accountId: row.account_id, sessionId: row._id }));
    },

    /** For the operator's commands: selected sessions, of all accounts unless one is named, by id, after `afterId`. */
    async listSelected(
      selection: SessionSelection,
      afterId: string | null,
      limit: number,
    ): Promise<SessionRef[]> {
      const rows = await listIds(toFilter(selection), afterId, limit);
      return rows.map((row) => ({ accountId: row.account_id, sessionId: row._id }));
    },

    countSelected(selection: SessionSelection): Promise<number> {
      return sessions.countDocuments({ importing: { $ne: true }, ...toFilter(selection) });
    },

    /** Ended sessions of all accounts from the one at or after `fromId`, by id: where a sample begins. */
    async listEndedFrom(fromId: string, limit: number): Promise<SessionRef[]> {
      const rows = await sessions
        .find(
          { _id: { $gte: fromId }, ended_at: { $ne: null }, importing: { $ne: true } },
          { projection: { account_id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
      return rows.map((row) => ({ accountId: row.account_id, sessionId: row._id }));
    },

    /** Notes that the session's counts and root are done: an ended one's hour is next, an open one needs no more. */
    finishSession(work: SessionAtWork): Promise<boolean> {
      return update(work, { $set: { stage: work.session.endedAt === null ? 'done' : 'counted' } });
    },

    /**
     * Stores the root of an ended session that has none, with the counts of the same walk, so that both are done.
     * False, and nothing is written, where the session changed since it was read or has a root.
     */
    async recordRoot(
      work: SessionAtWork,
      root: VerifiedCounts & Readonly<{ rootHex: string }>,
    ): Promise<boolean> {
      const { endedAt, merkleRootHex } = work.session;
      if (merkleRootHex !== null || endedAt === null) return false;
      return await update(work, {
        $inc: CHANGED.$inc,
        $set: {
          ...toStoredCounts(root),
          merkle_root_hex: root.rootHex,
          merkle_root_size: root.size,
          stage: 'counted',
          changed_at: new Date(),
        },
        $unset: { key_missing: '' },
      });
    },

    /** Replaces the counts by those of a log that was just verified, and raises an open log's recorded head. */
    replaceCounts(work: SessionAtWork, verified: VerifiedCounts): Promise<boolean> {
      return update(work, { ...CHANGED, $set: { ...toStoredCounts(verified), changed_at: new Date() } });
    },

    /** Notes that the log could not be checked because its audit key is not configured. */
    async markUnverifiable(accountId: string, sessionId: string, keyId: string): Promise<void> {
      await sessions.updateOne({ _id: sessionId, account_id: accountId }, { $set: { key_missing: keyId } });
    },

    /**
     * Takes back that a log was wrong or could not be checked, once it was verified. The session is due again: what
     * it could not have for that reason, its root perhaps, it can have now.
     */
    async clearMarks(accountId: string, sessionId: string): Promise<void> {
      await sessions.updateOne(
        { _id: sessionId, account_id: accountId },
        {
          ...CHANGED,
          $set: { changed_at: new Date() },
          $unset: { stage: '', log_failed: '', key_missing: '' },
        },
      );
    },

    /** Makes sessions due again that could not be checked for want of keys that are configured now. */
    async retryUnverifiable(keys: readonly Pick<AuditKey, 'id' | 'check'>[]): Promise<number> {
      if (keys.length === 0) return 0;
      // Another key of the same name is still the wrong one.
      const missed = keys.map(({ id, check }) => ({ key_missing: id, 'log.key_check': check }));
      const { modifiedCount } = await sessions.updateMany(
        { $or: missed },
        { ...CHANGED, $set: { changed_at: new Date() }, $unset: { stage: '', key_missing: '' } },
      );
      return modifiedCount;
    },

    /** When the change was made that has waited longest to be followed; null when all were. */
    async findOldestChange(): Promise<Date | null> {
      const waiting = await Promise.all(
        [null, 'counted'].map((stage) =>
          sessions.findOne({ stage, importing: { $ne: true }, changed_at: { $gt: new Date(0) } } as object, {
            projection: { changed_at: 1 },
            sort: { changed_at: 1 },
          }),
        ),
      );
      const times = waiting.flatMap((row) => row?.changed_at?.getTime() ?? []);
      return times.length === 0 ? null : new Date(Math.min(...times));
    },

    /** Sessions of all accounts whose log is marked as wrong, and that could not be checked. */
    async countMarked(): Promise<{ failed: number; unverifiable: number }> {
      const [failed, unverifiable] = await Promise.all([
        sessions.countDocuments({ 'log_failed.found_at': { $gt: new Date(0) } }),
        sessions.countDocuments({ key_missing: { $gt: '' } }),
      ]);
      return { failed, unverifiable };
    },
  };
}

function toStoredCounts({ aggregate, size, headHashHex }: VerifiedCounts) {
  return { aggregate: toStoredAggregate(aggregate), 'log.size': size, 'log.head_hash': headHashHex };
}

function toFilter(selection: SessionSelection): Filter<StoredSession> {
  const { accountId, agentId, since, until, ended, withoutRoot } = selection;
  return {
    ...(accountId !== undefined && { account_id: accountId }),
    ...(agentId !== undefined && { agent_id: agentId }),
    ...((since || until) && { started_at: { ...(since && { $gte: since }), ...(until && { $lt: until }) } }),
    ...(ended && { ended_at: { $ne: null } }),
    ...(withoutRoot && { merkle_root_hex: null }),
  };
}
