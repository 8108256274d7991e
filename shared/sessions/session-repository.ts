// An account's sessions in the database. Every method takes the account id first and filters by it. Lists are in
// `session-lists.ts`, what an import does in `import-claims.ts`; all accounts at once are in `fleet-sessions.ts`, for the
// workers and scripts alone.
import type { Collection, Db } from 'mongodb';
import type { FailedLog, UnverifiableLog } from '../audit/verdict.ts';
import { evidenceCollection, readAt } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { externalKey } from './external-id.ts';
import { createImportClaims } from './import-claims.ts';
import * as markStates from './mark-states.ts';
import type {
  ClosedLog,
  CountedLog,
  Session,
  SessionEnd,
  SessionMarks,
  SessionPayloads,
  SessionSnapshot,
} from './session.ts';
import { createSessionLists } from './session-lists.ts';
import { createPayloadStore, PAYLOAD_FIELDS, payloadsName, UnreadablePayloads } from './session-payloads.ts';
import {
  SESSION_FIELDS,
  SESSIONS,
  SNAPSHOT_FIELDS,
  type StoredSession,
  toSession,
  toSnapshot,
} from './session-row.ts';
import * as states from './session-states.ts';
import { makeTransition } from './transition.ts';

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

  const move = makeTransition(sessions);
  const payloadStore = createPayloadStore(db);

  return {
    ...createSessionLists(db),
    ...createImportClaims(db),

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

    /** Whether `find` would find the session. */
    async exists(accountId: string, sessionId: string): Promise<boolean> {
      return (await findPublished(accountId, sessionId, { importing: 1 })) !== null;
    },

    /** What the session's policy allowed to be kept of the conversation, or null. Throws `UnreadablePayloads`. */
    async findPayloads(accountId: string, sessionId: string): Promise<SessionPayloads | null> {
      const owned = { _id: sessionId, account_id: accountId };
      const look = () => sessions.findOne(owned, { projection: PAYLOAD_FIELDS });
      const row = await look();
      try {
        return row && (await payloadStore.read(accountId, row));
      } catch (error) {
        // An import may have replaced the row's payloads since the row was read.
        const again = error instanceof UnreadablePayloads ? await look() : null;
        if (!again || again.payloads_sha256 === row?.payloads_sha256) throw error;
        return await payloadStore.read(accountId, again);
      }
    },

    /** Stores a new session; false if its id is taken, by whichever account, or its external id in this one. */
    async insert(accountId: string, session: Session, payloads: SessionPayloads | null): Promise<boolean> {
      const named = await payloadStore.store(accountId, session.id, payloads);
      return await insertRow(sessions, states.openRow(accountId, session, named, new Date()));
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

    /**
     * Keeps what the policy allows of the conversation for a session that ends in this way, once: they are read where it
     * ends so. False if others are kept, or the log was sealed.
     */
    async keepPayloads(
      accountId: string,
      sessionId: string,
      payloads: SessionPayloads,
      end: SessionEnd,
    ): Promise<boolean> {
      const owned = { _id: sessionId, account_id: accountId };
      const row = await sessions.findOne(owned, { projection: { ...PAYLOAD_FIELDS, 'log.seal': 1 } });
      // Looks first: what is stored for a row that takes none has to be removed again.
      if (!row || row.log?.seal != null || row.payloads != null) return false;
      if (row.payloads_sha256 != null && row.payloads_sha256 !== payloadsName(payloads)) return false;
      const named = (await payloadStore.store(accountId, sessionId, payloads)) as string;
      return await move(states.keepPayloads(accountId, sessionId, named, end));
    },

    /** Has the sweep look whether these payloads are still those of the session's end. */
    unsettlePayloads(accountId: string, sessionId: string, payloads: SessionPayloads): Promise<void> {
      return payloadStore.unsettle(accountId, sessionId, payloadsName(payloads));
    },

    /** Records a log's close with its seal, once; false if it is sealed already. */
    recordClose(accountId: string, sessionId: string, closed: ClosedLog): Promise<boolean> {
      return move(states.recordClose(accountId, sessionId, closed, new Date()));
    },

    /** Notes that the schedule walked the session's log now; false if there is no such row. */
    noteWalk(accountId: string, sessionId: string): Promise<boolean> {
      return move(states.noteWalk(accountId, sessionId, new Date()));
    },

    /** Marks the session's log as failed; false if the row carries this very mark, or there is no such row. */
    markFailed(accountId: string, sessionId: string, failed: FailedLog): Promise<boolean> {
      return move(markStates.markFailed(accountId, sessionId, failed, new Date()));
    },

    /** Marks the session's log as unverifiable; false if the row carries this very mark, or there is no such row. */
    markUnverifiable(accountId: string, sessionId: string, verdict: UnverifiableLog): Promise<boolean> {
      return move(markStates.markUnverifiable(accountId, sessionId, verdict));
    },

    /**
     * Takes marks away that were seen before the log was verified; false if the row carries others, or none were seen.
     */
    clearMarks(accountId: string, sessionId: string, seen: SessionMarks): Promise<boolean> {
      return move(markStates.clearMarks(accountId, sessionId, seen, new Date()));
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
