// Sessions in the database. The log's head and counts on a row only ever move forward, by compare-and-swap.
import type { Collection, Db, Filter } from 'mongodb';
import type { FailedLog } from '../audit/verdict.ts';
import { isDuplicateKey } from '../mongo/duplicate-key.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import type {
  LogHead,
  Session,
  SessionAggregate,
  SessionPayloads,
  SessionStatus,
  SessionSummary,
} from './session.ts';
import {
  CHANGED,
  SESSION_FIELDS,
  SESSIONS,
  type StoredSession,
  SUMMARY_FIELDS,
  toSession,
  toStored,
  toStoredAggregate,
  toStoredLog,
  toStoredMark,
  toSummary,
} from './stored-session.ts';

export const SESSION_INDEXES: readonly IndexSpec[] = [
  { collection: SESSIONS, key: { account_id: 1, started_at: -1, _id: -1 } },
  { collection: SESSIONS, key: { account_id: 1, agent_id: 1, started_at: -1, _id: -1 } },
  { collection: SESSIONS, key: { account_id: 1, status: 1, started_at: -1, _id: -1 } },
  { collection: SESSIONS, key: { _id: 1, account_id: 1 }, unique: true, emulatedOnly: true },
];

export type SessionQuery = Readonly<{
  /** Inclusive. */
  since: Date;
  /** Exclusive. */
  until: Date;
  agentId?: string | undefined;
  status?: SessionStatus | undefined;
  minRedactions: number;
  /** Rows after this one in the list's order. */
  after: Readonly<{ startedAt: Date; id: string }> | null;
  limit: number;
}>;

/** How a closed log is recorded on its row. */
export type ClosedLog = Readonly<{
  endedAt: Date;
  durationMs: number;
  status: SessionStatus;
  log: LogHead;
  aggregate: SessionAggregate;
  merkleRootHex: string;
  stageDurationsMs?: Session['stageDurationsMs'] | undefined;
}>;

export type SessionRepository = ReturnType<typeof createSessionRepository>;

export function createSessionRepository(db: Db) {
  const sessions: Collection<StoredSession> = db.collection(SESSIONS);

  return {
    /** The session, or null when the account has none with this id or its import has not finished. */
    async find(accountId: string, sessionId: string): Promise<Session | null> {
      const row = await sessions.findOne(
        { _id: sessionId, account_id: accountId },
        { projection: SESSION_FIELDS },
      );
      return row && !row.importing ? toSession(row) : null;
    },

    /** What the session's policy allowed to be kept of the conversation, or null. */
    async findPayloads(accountId: string, sessionId: string): Promise<SessionPayloads | null> {
      const row = await sessions.findOne(
        { _id: sessionId, account_id: accountId },
        { projection: { payloads: 1 } },
      );
      return row?.payloads ? (JSON.parse(row.payloads) as SessionPayloads) : null;
    },

    /** Sessions that have ended, newest start first, then highest id first. */
    async list(accountId: string, query: SessionQuery): Promise<SessionSummary[]> {
      const rows = await sessions
        .find(listFilter(accountId, query), { projection: SUMMARY_FIELDS })
        .sort({ started_at: -1, _id: -1 })
        .limit(query.limit)
        .batchSize(query.limit + 1)
        .toArray();
      return rows.map(toSummary);
    },

    /** Stores a new session; false if the id is taken, by whichever account. */
    async insert(accountId: string, session: Session, payloads: SessionPayloads | null): Promise<boolean> {
      return insertRow(sessions, { ...toStored(session, payloads), account_id: accountId });
    },

    /**
     * Raises the recorded head and the counts, from where they counted through `fromSeq`. False if another writer
     * moved them first, the log was sealed, or the recorded size is larger.
     */
    async raiseLog(
      accountId: string,
      sessionId: string,
      fromSeq: number,
      raised: Readonly<{ size: number; headHashHex: string; aggregate: SessionAggregate }>,
    ): Promise<boolean> {
      const { modifiedCount } = await sessions.updateOne(
        {
          ...{ _id: sessionId, account_id: accountId, 'log.seal': null },
          ...{ 'aggregate.through_seq': fromSeq, 'log.size': { $lte: raised.size } },
        },
        {
          ...CHANGED,
          $set: {
            'log.size': raised.size,
            'log.head_hash': raised.headHashHex,
            aggregate: toStoredAggregate(raised.aggregate),
            changed_at: new Date(),
          },
        },
      );
      return modifiedCount === 1;
    },

    /** Records a log's close with its seal, once; false if it is sealed already. */
    async recordClose(accountId: string, sessionId: string, closed: ClosedLog): Promise<boolean> {
      const { modifiedCount } = await sessions.updateOne(
        { _id: sessionId, account_id: accountId, 'log.seal': null },
        {
          ...CHANGED,
          $set: {
            ended_at: closed.endedAt,
            duration_ms: closed.durationMs,
            status: closed.status,
            log: toStoredLog(closed.log),
            aggregate: toStoredAggregate(closed.aggregate),
            merkle_root_hex: closed.merkleRootHex,
            merkle_root_size: closed.log.size,
            changed_at: new Date(),
            ...(closed.stageDurationsMs && {
              stage_durations_ms: closed.stageDurationsMs.map(([stage, ms]): [string, number] => [stage, ms]),
            }),
          },
        },
      );
      return modifiedCount === 1;
    },

    /**
     * Claims a session id for an import: hidden until `publishImport`. `claimed` is also the answer to the claim of an
     * import that was interrupted; `found` gives the session already stored, untouched; `foreign` means that another
     * account owns the id.
     */
    async claimImport(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
    ): Promise<{ status: 'claimed' } | { status: 'foreign' } | { status: 'found'; session: Session }> {
      const claim = { ...toStored(session, payloads), account_id: accountId, importing: true as const };
      if (await insertRow(sessions, claim)) return { status: 'claimed' };
      const owned = { _id: session.id, account_id: accountId };
      const row = await sessions.findOne(owned, { projection: SESSION_FIELDS });
      if (!row) return { status: 'foreign' };
      if (!row.importing) return { status: 'found', session: toSession(row) };
      await sessions.replaceOne({ ...owned, importing: true }, claim);
      return { status: 'claimed' };
    },

    /** Shows a claimed session, in one write, once its log is stored. */
    async publishClaim(accountId: string, sessionId: string): Promise<void> {
      await sessions.updateOne(
        { _id: sessionId, account_id: accountId, importing: true },
        { ...CHANGED, $set: { changed_at: new Date() }, $unset: { importing: '', stage: '' } },
      );
    },

    /**
     * Replaces a stored, unsealed session by a longer one, in one write, once its log is stored. A root that was
     * stored stays until the new session brings its own; false if it is not `seenRootHex` any more.
     */
    async publishExtension(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
      seenRootHex: string | null,
    ): Promise<boolean> {
      const { _id, merkle_root_hex, merkle_root_size, ...rest } = toStored(session, payloads);
      const root = merkle_root_hex === null ? {} : { merkle_root_hex, merkle_root_size };
      const fields = { ...rest, ...root };
      const { modifiedCount } = await sessions.updateOne(
        {
          ...{ _id, account_id: accountId, merkle_root_hex: seenRootHex },
          ...{ 'log.seal': null, 'log.size': { $lte: session.log.size } },
        },
        {
          ...CHANGED,
          $set: { ...fields, account_id: accountId, changed_at: new Date() },
          $unset: { stage: '', log_failed: '', key_missing: '' },
        },
      );
      return modifiedCount === 1;
    },

    /** Marks the session's log as found wrong, for the sweep and the metrics. */
    async markFailed(accountId: string, sessionId: string, verdict: FailedLog): Promise<void> {
      await sessions.updateOne(
        { _id: sessionId, account_id: accountId },
        { $set: { log_failed: toStoredMark(verdict, new Date()) } },
      );
    },

    /** For the operator's scripts, which know a session by its id alone: who owns it, or null. */
    async findOwner(sessionId: string): Promise<string | null> {
      const row = await sessions.findOne({ _id: sessionId }, { projection: { account_id: 1, importing: 1 } });
      return row && !row.importing ? row.account_id : null;
    },

    /** For the operator's scripts: how many sessions all accounts have, about. */
    countAll(): Promise<number> {
      return sessions.estimatedDocumentCount();
    },

    /** For the operator's scripts: ids of all accounts' sessions in ascending order, after `afterId`. */
    async listOwned(
      afterId: string | null,
      limit: number,
    ): Promise<{ accountId: string; sessionId: string }[]> {
      const filter: Filter<StoredSession> = {
        importing: { $ne: true },
        ...(afterId !== null && { _id: { $gt: afterId } }),
      };
      const rows = await sessions
        .find(filter, { projection: { account_id: 1 } })
        .sort({ _id: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
      return rows.map((row) => ({ accountId: row.account_id, sessionId: row._id }));
    },
  };
}

function listFilter(accountId: string, query: SessionQuery): Filter<StoredSession> {
  const { since, until, agentId, status, minRedactions, after } = query;
  const upTo = after ? { started_at: { $gte: since, $lt: until, $lte: after.startedAt } } : {};
  return {
    account_id: accountId,
    started_at: { $gte: since, $lt: until },
    ...upTo,
    ended_at: { $ne: null },
    importing: { $ne: true },
    ...(agentId !== undefined && { agent_id: agentId }),
    ...(status !== undefined && { status }),
    ...(minRedactions > 0 && { 'aggregate.redaction_count': { $gte: minRedactions } }),
    ...(after && {
      $or: [
        { started_at: { $lt: after.startedAt } },
        { started_at: after.startedAt, _id: { $lt: after.id } },
      ],
    }),
  };
}

async function insertRow(sessions: Collection<StoredSession>, row: StoredSession): Promise<boolean> {
  try {
    await sessions.insertOne({ ...row, changed_at: new Date() });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
