// The access record of each account: rows are added behind the last one and read, never changed or removed.
import type { Collection, Db, Filter } from 'mongodb';
import { isHashHex } from '../audit/hash-hex.ts';
import { isDuplicateKey } from '../mongo/duplicate-key.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import {
  type AccessAction,
  type AccessRow,
  accessRowId,
  accessRowIds,
  readStoredAccess,
  type StoredAccess,
  toStoredAccess,
} from './access-row.ts';

export const ACCESS_LOG = 'access_log';

/** Indexes of the access record: its list, newest first. */
export const ACCESS_INDEXES: readonly IndexSpec[] = [
  { collection: ACCESS_LOG, key: { account: 1, at: -1, seq: -1 } },
];

/** The end of a record: how many rows there are, and `this_hash` of the last. */
export type AccessTail = Readonly<{ size: number; hashHex: string }>;

/** Which rows to list: those in `[since, until)` that have all of what is given, after the row `after`. */
export type AccessQuery = Readonly<{
  since: Date;
  until: Date;
  action: AccessAction | null;
  user: string | null;
  token: string | null;
  subject: string | null;
  after: Readonly<{ at: Date; seq: number }> | null;
  limit: number;
}>;

/** The access record of all accounts. */
export type AccessRepository = ReturnType<typeof createAccessRepository>;

/** Adds to and reads the record. All methods reject with the driver's error when the database does not answer. */
export function createAccessRepository(db: Db) {
  const rows: Collection<StoredAccess> = evidenceCollection(db, ACCESS_LOG);

  return {
    /** What stands at the end of the account's record, the newest first, at most `limit`: as it is stored, whoever wrote it. */
    async listNewest(accountId: string, limit: number): Promise<StoredAccess[]> {
      return await rows
        .find({ _id: { ...accessRowIds(accountId), $lt: accessRowId(accountId, FARTHEST) } })
        .sort({ _id: -1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray();
    },

    /** What stands in these places of the account's record, as it is stored. */
    async findPlaces(accountId: string, places: readonly number[]): Promise<StoredAccess[]> {
      return await rows
        .find({ _id: { $in: places.map((seq) => accessRowId(accountId, seq)) } })
        .batchSize(places.length + 1)
        .toArray();
    },

    /**
     * Adds rows in their order. False where another row stands in the place of one of them: those before it are added. The
     * rows are on a majority's disks when it resolves to true.
     */
    async insert(accountId: string, added: readonly AccessRow[]): Promise<boolean> {
      if (added.some(({ account }) => account !== accountId)) throw new TypeError('A row of another account');
      try {
        await rows.insertMany(added.map(toStoredAccess), { ordered: true });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** `this_hash` of the row in a place; null where there is none. */
    async findHash(accountId: string, seq: number): Promise<string | null> {
      const row = await rows.findOne({ _id: accessRowId(accountId, seq) }, { projection: { this_hash: 1 } });
      return isHashHex(row?.this_hash) ? row.this_hash : null;
    },

    /** How many of these rows, from the first on, are stored as they are. */
    async countStored(accountId: string, wanted: readonly AccessRow[]): Promise<number> {
      const found = await rows
        .find(
          { _id: { $in: wanted.map(({ seq }) => accessRowId(accountId, seq)) } },
          { projection: { this_hash: 1 } },
        )
        .batchSize(wanted.length + 1)
        .toArray();
      const hashes = new Map(found.map(({ _id, this_hash }) => [_id, this_hash]));
      const missing = wanted.findIndex(
        ({ seq, thisHashHex }) => hashes.get(accessRowId(accountId, seq)) !== thisHashHex,
      );
      return missing === -1 ? wanted.length : missing;
    },

    /**
     * The account's rows, newest first, at most `limit`. Passes over rows that no version of this program has written: a
     * walk names them.
     */
    async list(accountId: string, query: AccessQuery): Promise<AccessRow[]> {
      const page: AccessRow[] = [];
      const found = rows
        .find(listFilter(accountId, query))
        .sort({ at: -1, seq: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(query.limit + 1);
      for await (const stored of found) {
        const row = readStoredAccess(stored);
        if (row?.account === accountId) page.push(row);
        if (page.length === query.limit) break;
      }
      return page;
    },

    /** Everything that is stored as the account's record, in order, as it is stored. */
    async *walk(accountId: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
      yield* rows
        .find({ _id: accessRowIds(accountId) })
        .sort({ _id: 1 })
        .batchSize(WALK_BATCH);
    },
  };
}

/** Behind it a record has no room to go on in: no row that stands there is the newest. */
const FARTHEST = Number.MAX_SAFE_INTEGER - 2 ** 40;
const WALK_BATCH = 1_000;

function listFilter(
  accountId: string,
  { since, until, action, user, token, subject, after }: AccessQuery,
): Filter<StoredAccess> {
  const next = after && [{ at: { $lt: after.at } }, { at: after.at, seq: { $lt: after.seq } }];
  return {
    account: accountId,
    at: { $gte: since, $lt: until },
    ...(action !== null && { action }),
    ...(user !== null && { user }),
    ...(token !== null && { token }),
    ...(subject !== null && { subject }),
    ...(next && { $or: next }),
  };
}
