// What an import does to an account's sessions: it claims a row, hidden, and publishes it once its log is stored.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection, readAt } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { externalKey } from './external-id.ts';
import * as states from './import-states.ts';
import type { Session, SessionPayloads } from './session.ts';
import { createPayloadStore, PAYLOAD_FIELDS } from './session-payloads.ts';
import { SESSION_FIELDS, SESSIONS, type StoredSession, toSession } from './session-row.ts';
import { makeTransition } from './transition.ts';

/** Whether an import may write a session. */
export type ImportClaim =
  /** The id was free, and the row is now this import's. */
  | Readonly<{ status: 'claimed' }>
  /** The account's row is hidden: by an import that was interrupted, or by someone else. It was left as it is. */
  | Readonly<{ status: 'hidden'; session: Session }>
  /** The account has the session already; it was left as it is. */
  | Readonly<{ status: 'found'; session: Session }>
  /** Another session of the account has the external id; its row may be hidden. */
  | Readonly<{ status: 'external_id_taken'; sessionId: string }>
  /** Another account owns the id. */
  | Readonly<{ status: 'foreign' }>;

/** As the methods of the session repository, of which these are a part. */
export function createImportClaims(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);
  const move = makeTransition(sessions);
  const payloadStore = createPayloadStore(db);

  /** Stores the payloads of a bundle. Those that the row names are looked at by the sweep once it names others. */
  async function replacePayloads({ accountId, id }: Session, payloads: SessionPayloads | null) {
    const owned = { _id: id, account_id: accountId };
    const row = await sessions.findOne(owned, { projection: PAYLOAD_FIELDS });
    const named = row?.payloads_sha256;
    if (typeof named === 'string') await payloadStore.unsettle(accountId, id, named);
    return await payloadStore.store(accountId, id, payloads);
  }

  /** The id of another session of the account that has the session's external id, hidden ones included; or null. */
  async function findNamesake({ accountId, id, externalId }: Session): Promise<string | null> {
    if (externalId === undefined) return null;
    const filter = { external_key: externalKey(accountId, externalId) };
    const row = await sessions.findOne(filter, { projection: { _id: 1 } });
    return row && row._id !== id ? row._id : null;
  }

  return {
    /** Claims a session id for an import; the session stays hidden until `publishClaim`. */
    async claimImport(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
    ): Promise<ImportClaim> {
      const named = await payloadStore.store(accountId, session.id, payloads);
      if (await insertRow(sessions, states.claimRow(accountId, session, named, new Date())))
        return { status: 'claimed' };
      const owned = { _id: session.id, account_id: accountId };
      const row = await sessions.findOne(owned, { projection: SESSION_FIELDS });
      if (!row) {
        const latest = await sessions.findOne(owned, { projection: { _id: 1 }, ...readAt('latest') });
        const namesake = latest ? null : await findNamesake(session);
        if (namesake !== null) return { status: 'external_id_taken', sessionId: namesake };
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
    async publishRetaken(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
      seenRootHex: string | null,
    ): Promise<boolean> {
      const named = await replacePayloads(session, payloads);
      return await move(states.publishRetaken(accountId, session, named, seenRootHex, new Date()));
    },

    /**
     * Replaces a stored, unsealed session by a longer one, in one write, once its log is stored. A stored root stays
     * until the new session brings its own; false if it is not `seenRootHex` any more.
     */
    async publishExtension(
      accountId: string,
      session: Session,
      payloads: SessionPayloads | null,
      seenRootHex: string | null,
    ): Promise<boolean> {
      const named = await replacePayloads(session, payloads);
      return await move(states.publishExtension(accountId, session, named, seenRootHex, new Date()));
    },
  };
}
