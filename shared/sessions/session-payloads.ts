// What was said in a session, where its policy keeps it: in a collection of its own, so that no list comes near it. A
// document is stored before the row names it by its hash, so a row never names what is not there, and of several writers
// at once the one whose name the row took is the one that is read. Documents that no row names are removed by the sweep
// (`fleet-payloads.ts`). Rows that earlier versions wrote hold their payloads themselves, and are read as they are.
import { hash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { canonicalize } from '../audit/canonical-json.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { isTime } from '../time/is-time.ts';
import type { SessionPayloads } from './session.ts';
import type { StoredSession } from './session-row.ts';

/** Name of the collection. */
export const PAYLOADS = 'session_payloads';

/** A document of payloads. */
export type StoredPayloads = {
  /** The account's id, the session's, and the SHA-256 of the text, in hex, joined by `/`. */
  _id: string;
  /** Canonical JSON text: names in it come from outside, and none may become a field name in the database. */
  payloads: string;
  /** Since when it is not known whether a row names it; absent once the sweep found that one does. */
  unsettled_since?: Date;
};

/** The index of the documents that the sweep looks at. */
export const PAYLOAD_INDEXES: readonly IndexSpec[] = [
  { collection: PAYLOADS, key: { unsettled_since: 1 }, sparse: true },
];

/**
 * The stored payloads of a session cannot be read: they are missing, altered, or no JSON. The message holds none of them.
 * `field`: of the session's row, which holds or names them.
 */
export class UnreadablePayloads extends Error {
  readonly field: 'payloads' | 'payloads_sha256';

  constructor(field: UnreadablePayloads['field'], cause?: unknown) {
    super('The stored payloads cannot be read', { cause });
    this.name = 'UnreadablePayloads';
    this.field = field;
  }
}

/** The fields of a row that say which document is its payloads'. */
export const NAMING_FIELDS = {
  account_id: 1,
  payloads_sha256: 1,
  payloads_for: 1,
  ended_at: 1,
  status: 1,
} as const;

/** The fields of a row that say where its payloads are. */
export const PAYLOAD_FIELDS = { ...NAMING_FIELDS, payloads: 1 } as const;

/** A row as `NAMING_FIELDS` have it. */
export type NamingRow = Partial<Pick<StoredSession, Exclude<keyof typeof NAMING_FIELDS, 'account_id'>>>;

/**
 * The name that a row has for its payloads, of whatever type. Null for none, and where the session ended in another way than
 * those with which its payloads came: their caller was refused.
 */
export function namedPayloads({ payloads_sha256, payloads_for, ended_at, status }: NamingRow): unknown {
  if (!Array.isArray(payloads_for) || !isTime(ended_at)) return payloads_sha256 ?? null;
  const endedMs = ended_at.getTime();
  const isOwn = payloads_for.some(
    (end) => isTime(end?.ended_at) && end.ended_at.getTime() === endedMs && end.status === status,
  );
  return isOwn ? (payloads_sha256 ?? null) : null;
}

/** The name of payloads, for a row: the SHA-256 of their text, in hex. */
export function payloadsName(payloads: SessionPayloads): string {
  return hash('sha256', canonicalize(payloads));
}

/** The `_id` of a document. */
export function payloadsId(accountId: string, sessionId: string, sha256Hex: string): string {
  return `${accountId}/${sessionId}/${sha256Hex}`;
}

/** The payloads of an account's sessions. */
export type PayloadStore = ReturnType<typeof createPayloadStore>;

/** All methods reject with the driver's error when the database is away. */
export function createPayloadStore(db: Db) {
  const stored: Collection<StoredPayloads> = evidenceCollection(db, PAYLOADS);

  return {
    /**
     * Stores payloads, unless they are there already, and gives the name for the session's row: the SHA-256 of their text
     * in hex; null for none. Must come before the write of the row.
     */
    async store(
      accountId: string,
      sessionId: string,
      payloads: SessionPayloads | null,
    ): Promise<string | null> {
      if (payloads === null) return null;
      const text = canonicalize(payloads);
      const sha256Hex = payloadsName(payloads);
      const _id = payloadsId(accountId, sessionId, sha256Hex);
      for (;;) {
        const now = new Date();
        if (await insertRow(stored, { _id, payloads: text, unsettled_since: now })) return sha256Hex;
        // The sweep must not remove it while the row is written. It is gone where the sweep was faster.
        const { matchedCount } = await stored.updateOne({ _id }, { $set: { unsettled_since: now } });
        if (matchedCount === 1) return sha256Hex;
      }
    },

    /** Has the sweep look whether the row still names a document. Must come before a write of the row that may drop it. */
    async unsettle(accountId: string, sessionId: string, sha256Hex: string): Promise<void> {
      await stored.updateOne(
        { _id: payloadsId(accountId, sessionId, sha256Hex) },
        { $set: { unsettled_since: new Date() } },
      );
    },

    /** The payloads that a row holds or names; null for none. Throws `UnreadablePayloads`. */
    async read(accountId: string, row: Pick<StoredSession, '_id' | 'payloads'> & NamingRow) {
      const { payloads: own = null } = row;
      const sha256Hex = namedPayloads(row);
      if (sha256Hex === null) return own === null ? null : parse('payloads', own);
      if (typeof sha256Hex !== 'string') throw new UnreadablePayloads('payloads_sha256');
      const found = await stored.findOne({ _id: payloadsId(accountId, row._id, sha256Hex) });
      if (typeof found?.payloads !== 'string' || hash('sha256', found.payloads) !== sha256Hex) {
        throw new UnreadablePayloads('payloads_sha256');
      }
      return parse('payloads_sha256', found.payloads);
    },
  };
}

function parse(field: UnreadablePayloads['field'], text: unknown): SessionPayloads {
  if (typeof text !== 'string') throw new UnreadablePayloads(field);
  try {
    return JSON.parse(text) as SessionPayloads;
  } catch (cause) {
    throw new UnreadablePayloads(field, cause);
  }
}
