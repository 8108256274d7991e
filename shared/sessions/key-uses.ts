// How many published sessions were written under each audit key: one small row, counted from the session rows and
// replaced as a whole. An index holds every field that the count reads. The row is derived data: it may be deleted, and
// is then counted again. A session whose import has not finished is in no count, since it has no stored log yet.
import type { Collection, Db, Filter } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { isTime } from '../time/is-time.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

/** An audit key as a log's record names it: its id, and the check value that tells it from another key of that id. */
export type NamedKey = Readonly<{ keyId: string; keyCheck: string }>;

/** How many published sessions name the key. */
export type KeyUse = NamedKey & Readonly<{ sessionCount: number }>;

/** The uses of all keys as they were when the count began. */
export type KeyUses = Readonly<{ uses: readonly KeyUse[]; countedAt: Date }>;

type StoredUses = {
  _id: string;
  /** Counts the writes of this row, from 1. */
  version: number;
  counted_at: Date;
  took_ms: number;
  uses: { key_id: string; key_check: string; session_count: number }[];
};

const KEY_USES = 'audit_key_uses';
const ALL = 'all';
/** Counting takes at most one part in so many of the time. */
const PACE = 100;
/** Any string. A key id or check of another type was written by no writer of ours, and such a log is failed. */
export const ANY_TEXT = { $gte: '' };

/** The index that the count, the search for other keys and the search for logs out of scope read, and nothing else. */
export const KEY_USE_INDEXES: readonly IndexSpec[] = [
  {
    collection: SESSIONS,
    key: { 'log.key_id': 1, 'log.key_check': 1, account_id: 1, started_at: 1, importing: 1 },
  },
];

/** The uses of audit keys by the sessions of all accounts. It names no account and no session. */
export type KeyUseRepository = ReturnType<typeof createKeyUseRepository>;

/** All methods reject with the driver's error when the database is away. */
export function createKeyUseRepository(db: Db) {
  const kept: Collection<StoredUses> = db.collection(KEY_USES);
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  async function findKept(): Promise<StoredUses | null> {
    const row = await kept.findOne({ _id: ALL });
    return row && isReadable(row) ? row : null;
  }

  async function recount(): Promise<KeyUses> {
    let counted: KeyUses | null = null;
    // The count that was made here is right whether or not it can be kept.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const seen = await kept.findOne({ _id: ALL });
      const countedAt = new Date();
      const beganAt = performance.now();
      const row: StoredUses = {
        _id: ALL,
        version: (seen && Number.isSafeInteger(seen.version) ? seen.version : 0) + 1,
        uses: await count(sessions),
        counted_at: countedAt,
        took_ms: Math.ceil(performance.now() - beganAt),
      };
      const isFirst = seen
        ? (await kept.replaceOne({ _id: ALL, version: { $eq: seen.version } }, row)).modifiedCount === 1
        : await insertRow(kept, row);
      counted = toUses(row);
      if (isFirst) break;
    }
    return counted as KeyUses;
  }

  return {
    /** The uses as they were counted last; null before the first count, and where the row makes no sense. */
    async find(): Promise<KeyUses | null> {
      const row = await findKept();
      return row && toUses(row);
    },

    /** Counts the uses by an account's sessions; nothing is kept of them. */
    async countOf(accountId: string): Promise<KeyUse[]> {
      return (await count(sessions, { account_id: accountId })).map(toUse);
    },

    /** Counts, keeps the count, and resolves to one that began after this call. */
    recount,

    /** Counts as `recount` does, unless the last count is young against the time that it took. */
    async keepCounted(): Promise<void> {
      const row = await findKept();
      // Either way: the clock may have been set back.
      if (row && Math.abs(Date.now() - row.counted_at.getTime()) < PACE * row.took_ms) return;
      await recount();
    },

    /**
     * Whether any published session, or any of an account, names a key that is not among `known`. Costs an index seek for
     * each of them.
     */
    async hasOthers(known: readonly NamedKey[], accountId?: string): Promise<boolean> {
      const own = accountId === undefined ? {} : { account_id: accountId };
      const filter = { ...own, $or: othersThan(known), importing: { $ne: true } } as Filter<StoredSession>;
      return (await sessions.findOne(filter, { projection: { _id: 0, 'log.key_id': 1 } })) !== null;
    },
  };
}

async function count(
  sessions: Collection<StoredSession>,
  among: Readonly<{ account_id?: string }> = {},
): Promise<StoredUses['uses']> {
  const groups = sessions.aggregate<{ _id: { id: string; check: string }; sessions: number }>([
    { $match: { 'log.key_id': ANY_TEXT, 'log.key_check': ANY_TEXT, ...among, importing: { $ne: true } } },
    { $group: { _id: { id: '$log.key_id', check: '$log.key_check' }, sessions: { $sum: 1 } } },
  ]);
  const uses: StoredUses['uses'] = [];
  for await (const { _id, sessions } of groups)
    uses.push({ key_id: _id.id, key_check: _id.check, session_count: sessions });
  return uses;
}

/** Filters that each cover one id, and one for all other ids, so that each is a range of the index. */
function othersThan(known: readonly NamedKey[]): object[] {
  const checks = Map.groupBy(known, ({ keyId }) => keyId);
  return [
    { 'log.key_id': { ...ANY_TEXT, $nin: [...checks.keys()] }, 'log.key_check': ANY_TEXT },
    ...[...checks].map(([id, keys]) => ({
      'log.key_id': id,
      'log.key_check': { ...ANY_TEXT, $nin: keys.map(({ keyCheck }) => keyCheck) },
    })),
  ];
}

/** Whether the row is of the types that a count writes. One that anybody changed must stop no start and no verification. */
function isReadable({ uses, counted_at, took_ms }: StoredUses): boolean {
  const isUse = (use: Partial<StoredUses['uses'][number]> | null) =>
    typeof use?.key_id === 'string' && typeof use.key_check === 'string' && isCount(use.session_count);
  return Array.isArray(uses) && uses.every(isUse) && isTime(counted_at) && isCount(took_ms);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function toUses({ uses, counted_at }: StoredUses): KeyUses {
  return { uses: uses.map(toUse), countedAt: counted_at };
}

function toUse({ key_id, key_check, session_count }: StoredUses['uses'][number]): KeyUse {
  return { keyId: key_id, keyCheck: key_check, sessionCount: session_count };
}
