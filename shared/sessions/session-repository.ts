// An account's sessions in the database. Every method takes the account id first and filters by it; all accounts at
// once are in `fleet-sessions.ts`, for the workers and scripts alone.
import type { Collection, Db, Filter } from 'mongodb';
import type { FailedLog } from '../audit/verdict.ts';
import { evidenceCollection, readAt } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { externalKey } from './external-id.ts';
import { listFilter, type SessionQuery } from './list-filter.ts';
import { isPlaced } from './placed-row.ts';
import type {
  ClosedLog,
  CountedLog,
  ListedSession,
  RecordedSession,
  Session,
  SessionMarks,
  SessionPayloads,
  SessionSnapshot,
} from './session.ts';
import {
  LISTED_FIELDS,
  RECORDED_SNAPSHOT_FIELDS,
  SESSION_FIELDS,
  SESSIONS,
  SNAPSHOT_FIELDS,
  type StoredSession,
  toListed,
  toRecordedSnapshot,
  toSession,
  toSnapshot,
} from './session-row.ts';
import * as states from './session-states.ts';
import type { StartedQuery, StartedSession } from './started-session.ts';

/** Whether an import may write a session. */
export type ImportClaim =
  /** The id was free, and the row is now this import's. */
  | Readonly<{ status: 'claimed' }>
  /** The account's row is hidden: by an import that was interrupted, or by someone else. It was left as it is. */
  | Readonly<{ status: 'hidden'; session: Session }>
  /** The account has the session already; it was left as it is. */
  | Readonly<{ status: 'found'; session: Session }>
  /** Another account owns the id. */
  | Readonly<{ status: 'foreign' }>;

/** The sessions of an account. */
export type SessionRepository = ReturnType<typeof createSessionRepository>;

/**
 * All methods reject with the driver's error when the database is away. A write resolves to false, and writes nothing,
 * where the row is not in the state that the transition of the same name in `session-states.ts` starts from.
 */
export function createSessionRepository(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  async function findPublished(accountId: string, sessionId: string, projection: object) {
    const row = await sessions.findOne(
      { _id: sessionId, account_id: accountId },
      { projection: { ...projection, account_id: 1 } },
    );
    // A document may hold one name twice: the filter reads the first, the driver the last.
    return row && !row.importing && row.account_id === accountId ? row : null;
  }

  async function move(transition: states.Transition | null): Promise<boolean> {
    if (transition === null) return false;
    const { matchedCount } = await sessions.updateOne(transition.filter, transition.update);
    return matchedCount === 1;
  }

  return {
    /** The session, or null when the account has none with this id or its import has not finished. */
    async find(accountId: string, sessionId: string): Promise<Session | null> {
      const row = await findPublished(accountId, sessionId, SESSION_FIELDS);
      return row && toSession(row);
    },

    /** The session with this external id, or null as for `find`. */
    async findByExternalId(accountId: string, externalId: string): Promise<Session | null> {
      const row = await sessions.findOne(
        { external_key: externalKey(accountId, externalId) },
        { projection: SESSION_FIELDS },
      );
      return row && !row.importing && row.account_id === accountId ? toSession(row) : null;
    },

    /** Whether the account's published row of a session is on the primary and on no majority yet. */
    async isBehind(accountId: string, sessionId: string): Promise<boolean> {
      const owned = { _id: sessionId, account_id: accountId };
      const projection = { importing: 1 } as const;
      const latest = await sessions.findOne(owned, { projection, ...readAt('latest') });
      return latest !== null && !latest.importing && !(await sessions.findOne(owned, { projection }));
    },

    /** The session with its version, stage and marks; null as for `find`. */
    async findSnapshot(accountId: string, sessionId: string): Promise<SessionSnapshot | null> {
      const row = await findPublished(accountId, sessionId, SNAPSHOT_FIELDS);
      return row && toSnapshot(row);
    },

    /** The sessions with this stored root, 64 hex digits: at most `limit`, in no order. */
    async listByRoot(accountId: string, rootHex: string, limit: number): Promise<Session[]> {
      const rows = await sessions
        .find(
          {
            account_id: accountId,
            merkle_root_hex: rootHex,
            importing: { $ne: true },
          } as Filter<StoredSession>,
          { projection: SESSION_FIELDS },
        )
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
      return rows.filter((row) => row.account_id === accountId).map(toSession);
    },

    /**
     * As `findSnapshot` for each of these sessions, by its id; one that it would not find is left out. Without the counts
     * and the durations, whose decoding takes as long as that of all other fields.
     */
    async findSnapshots(
      accountId: string,
      sessionIds: readonly string[],
    ): Promise<ReadonlyMap<string, SessionSnapshot<RecordedSession>>> {
      // By `_id` alone: mongo-java-server scans the collection for any other condition beside `$in`.
      const options = { projection: RECORDED_SNAPSHOT_FIELDS, batchSize: sessionIds.length + 1 };
      const rows = await sessions.find({ _id: { $in: [...sessionIds] } }, options).toArray();
      const isOurs = (row: StoredSession) => !row.importing && row.account_id === accountId;
      return new Map(rows.filter(isOurs).map((row) => [row._id, toRecordedSnapshot(row)]));
    },

    /**
     * The sessions that started in `[since, until)`, open ones included, in ascending order of ids, each with the size
     * that its row records. Passes over rows that have no place.
     */
    async listStarted(accountId: string, { since, until, agentId }: StartedQuery): Promise<StartedSession[]> {
      const filter = {
        account_id: accountId,
        started_at: { $gte: since, $lt: until },
        importing: { $ne: true },
        ...(agentId !== null && { agent_id: agentId }),
      } as Filter<StoredSession>;
      const projection = {
        account_id: 1,
        agent_id: 1,
        started_at: 1,
        ended_at: 1,
        importing: 1,
        'log.size': 1,
      };
      const found: StartedSession[] = [];
      // By batches: a promise for each row takes a fifth of the time.
      await using rows = sessions.find(filter, { projection, batchSize: 1_000 });
      while (await rows.hasNext()) {
        for (const row of rows.readBufferedDocuments()) {
          if (!isPlaced(row, accountId, { mayBeOpen: true })) continue;
          const size = row.log?.size;
          const known = Number.isSafeInteger(size) && size > 0 ? size : 0;
          found.push({ id: row._id, size: known, startedAt: row.started_at });
        }
      }
      return found.sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    /** How many sessions `listStarted` would give. */
    async countStarted(accountId: string, { since, until, agentId }: StartedQuery): Promise<number> {
      return await sessions.countDocuments({
        account_id: accountId,
        started_at: { $gte: since, $lt: until },
        importing: { $ne: true },
        ...(agentId !== null && { agent_id: agentId }),
      } as Filter<StoredSession>);
    },

    /** Whether `find` would find the session. */
    async exists(accountId: string, sessionId: string): Promise<boolean> {
      return (await findPublished(accountId, sessionId, { importing: 1 })) !== null;
    },

    /** What the session's policy allowed to be kept of the conversation, or null. */
    async findPayloads(accountId: string, sessionId: string): Promise<SessionPayloads | null> {
      const row = await sessions.findOne(
        { _id: sessionId, account_id: accountId },
        { projection: { payloads: 1 } },
      );
      return row?.payloads ? (JSON.parse(row.payloads) as SessionPayloads) : null;
    },

    /** Sessions that have ended, newest start first, then highest id first. Passes over rows that have no place. */
    async list(accountId: string, query: SessionQuery): Promise<ListedSession[]> {
      const { limit } = query;
      const find = () =>
        sessions
          .find(listFilter(accountId, query), { projection: LISTED_FIELDS })
          .sort({ started_at: -1, _id: -1 })
          .batchSize(limit + 1);
      const first = await find().limit(limit).toArray();
      const rows = first.filter((row) => isPlaced(row, accountId));
      if (rows.length === first.length || first.length < limit) return rows.map(toListed);
      // Rows without a place took the room of others: reads on until the page is full.
      const page: ListedSession[] = [];
      for await (const row of find()) {
        if (isPlaced(row, accountId)) page.push(toListed(row));
        if (page.length === limit) break;
      }
      return page;
    },

    /** Stores a new session; false if its id is taken, by whichever account, or its external id in this one. */
    insert(accountId: string, session: Session, payloads: SessionPayloads | null): Promise<boolean> {
      return insertRow(sessions, states.openRow(accountId, session, payloads, new Date()));
    },

    /**
     * Raises the recorded head and the counts, from where the writer read them. False if another writer moved them first,
     * the log was sealed, or the recorded size is larger.
     */
    raiseLog(
      accountId: string,
      sessionId: string,
      from: states.Followed,
      raised: CountedLog,
    ): Promise<boolean> {
      return move(states.raiseLog(accountId, sessionId, from, raised, new Date()));
    },

    /** Keeps what the policy allows of the conversation, once; false if some is kept, or the log was sealed. */
    keepPayloads(accountId: string, sessionId: string, payloads: SessionPayloads): Promise<boolean> {
      return move(states.keepPayloads(accountId, sessionId, payloads));
    },

    /** Records a log's close with its seal, once; false if it is sealed already. */
    recordClose(accountId: string, sessionId: string, closed: ClosedLog): Promise<boolean> {
      return move(states.recordClose(accountId, sessionId, closed, new Date()));
    },

    /** Claims a session id for an import; the session stays hidden until `publishClaim`. */
    async claimImport(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
    ): Promise<ImportClaim> {
      if (await insertRow(sessions, states.claimRow(accountId, session, payloads, new Date())))
        return { status: 'claimed' };
      const owned = { _id: session.id, account_id: accountId };
      const row = await sessions.findOne(owned, { projection: SESSION_FIELDS });
      if (!row) {
        const latest = await sessions.findOne(owned, { projection: { _id: 1 }, ...readAt('latest') });
        if (!latest) return { status: 'foreign' };
        // The row is on the primary, and no majority has it yet.
        throw new StoreFailure('unavailable');
      }
      return { status: row.importing ? 'hidden' : 'found', session: toSession(row) };
    },

    /** Shows a claimed session, in one write, once its log is stored. */
    async publishClaim(accountId: string, sessionId: string): Promise<void> {
      await move(states.publishClaim(accountId, sessionId, new Date()));
    },

    /**
     * Shows a session whose row was hidden already, in one write, as this import stored it. False if the row has another
     * seal, a longer log, or another stored root than `seenRootHex`, or is not hidden any more.
     */
    publishRetaken(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
      seenRootHex: string | null,
    ): Promise<boolean> {
      return move(states.publishRetaken(accountId, session, payloads, seenRootHex, new Date()));
    },

    /**
     * Replaces a stored, unsealed session by a longer one, in one write, once its log is stored. A stored root stays
     * until the new session brings its own; false if it is not `seenRootHex` any more.
     */
    publishExtension(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
      seenRootHex: string | null,
    ): Promise<boolean> {
      return move(states.publishExtension(accountId, session, payloads, seenRootHex, new Date()));
    },

    /** Marks the session's log as failed; false if the row carries this very mark, or there is no such row. */
    markFailed(accountId: string, sessionId: string, failed: FailedLog): Promise<boolean> {
      return move(states.markFailed(accountId, sessionId, failed, new Date()));
    },

    /** Notes that the log's audit key is not configured; false if the row says so already, or there is no such row. */
    markUnverifiable(accountId: string, sessionId: string, keyId: string): Promise<boolean> {
      return move(states.markUnverifiable(accountId, sessionId, keyId));
    },

    /**
     * Takes marks away that were seen before the log was verified; false if the row carries others, or none were seen.
     */
    clearMarks(accountId: string, sessionId: string, seen: SessionMarks): Promise<boolean> {
      return move(states.clearMarks(accountId, sessionId, seen, new Date()));
    },

    /** Notes that counts and root are up to date: an ended session's hour is next, an open one needs no more. */
    finishSession(accountId: string, snapshot: SessionSnapshot): Promise<boolean> {
      return move(states.finishSession(accountId, snapshot));
    },

    /** Stores the root of an ended session that has none, with the counts of the same walk. */
    storeRoot(
      accountId: string,
      snapshot: SessionSnapshot,
      root: CountedLog & Readonly<{ rootHex: string }>,
    ): Promise<boolean> {
      return move(states.storeRoot(accountId, snapshot, root, new Date()));
    },

    /** Replaces the counts and the recorded head by those of a log that was just verified. */
    replaceCounts(accountId: string, snapshot: SessionSnapshot, counted: CountedLog): Promise<boolean> {
      return move(states.replaceCounts(accountId, snapshot, counted, new Date()));
    },
  };
}
