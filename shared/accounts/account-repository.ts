// Accounts: the tenants. Every other stored document names one. An account is deleted by `deleted_at` on its row, or with
// its row: from then on no login and no token of it works.
import type { Collection, Db } from 'mongodb';
import { ID_PATTERNS } from '../audit/ids.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { DEFAULT_PAPER, isPaper, type Paper } from '../reports/paper.ts';
import { isTime } from '../time/is-time.ts';
import { storedName } from './stored-name.ts';

/** A tenant. `id` is `acc_…`; the display name need not be unique. */
export type Account = Readonly<{ id: string; name: string }>;

/** An account as operators see it. `createdAt` and `deletedAt`: null where its row holds no time. */
export type ListedAccount = Account &
  Readonly<{ createdAt: Date | null; isDeleted: boolean; deletedAt: Date | null }>;

/** A row of `accounts`. */
export type StoredAccount = {
  _id: string;
  name: string;
  created_at: Date;
  deleted_at?: Date | null;
  /** The paper of its PDFs; absent where it was never chosen. */
  paper?: string;
};

/** Indexes of `accounts`: none beside that of `_id`. */
export const ACCOUNT_INDEXES: readonly IndexSpec[] = [];

/** The tenants of a deployment. */
export type AccountRepository = ReturnType<typeof createAccountRepository>;

/** Stores and finds accounts. All methods reject with the driver's error when the database does not answer. */
export function createAccountRepository(db: Db) {
  const accounts: Collection<StoredAccount> = db.collection('accounts');

  async function findChosenPaper(accountId: string): Promise<Paper | null> {
    const row = await accounts.findOne({ _id: accountId }, { projection: { paper: 1 } });
    return isPaper(row?.paper) ? row.paper : null;
  }

  return {
    /** The account, even a deleted one whose row is kept; null when there is none with this id. */
    async find(accountId: string): Promise<Account | null> {
      const row = await accounts.findOne({ _id: accountId }, { projection: { name: 1 } });
      return row && { id: row._id, name: storedName(row.name, row._id) };
    },

    /** The account, for whoever acts for it; null when there is none with this id or it was deleted. */
    async findActive(accountId: string): Promise<Account | null> {
      const row = await accounts.findOne({ _id: accountId }, { projection: { name: 1, deleted_at: 1 } });
      return row && !row.deleted_at ? { id: row._id, name: storedName(row.name, row._id) } : null;
    },

    /** The paper of the account's PDFs; A4 where it was never chosen. */
    async findPaper(accountId: string): Promise<Paper> {
      return (await findChosenPaper(accountId)) ?? DEFAULT_PAPER;
    },

    /** As `findPaper`; null where it was never chosen. */
    findChosenPaper,

    /** Chooses the paper of the account's PDFs; false where there is no account of this id. */
    async setPaper(accountId: string, paper: Paper): Promise<boolean> {
      const found = await accounts.updateOne({ _id: accountId }, { $set: { paper } });
      return found.matchedCount === 1;
    },

    /**
     * Ids of at most `limit` accounts that are not deleted, newest first. For an operator's commands: no route of a
     * tenant may list tenants.
     */
    async listNewest(limit: number): Promise<string[]> {
      const rows = await accounts
        .find({ _id: ID_PATTERNS.account, deleted_at: null } as object, { projection: { _id: 1 } })
        .sort({ created_at: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .limit(limit)
        .toArray();
      return rows.map((row) => row._id);
    },

    /** At most `limit` accounts, deleted ones included, newest first. For operators, as `listNewest`. */
    async list(limit: number): Promise<ListedAccount[]> {
      const rows = await accounts
        // Passes over rows whose id no account can have.
        .find({ _id: ID_PATTERNS.account } as object, {
          projection: { name: 1, created_at: 1, deleted_at: 1 },
        })
        .sort({ created_at: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .limit(limit)
        .toArray();
      return rows.map(({ _id: id, name, created_at: createdAt, deleted_at: deletedAt }) => ({
        id,
        name: storedName(name, id),
        createdAt: isTime(createdAt) ? createdAt : null,
        isDeleted: (deletedAt ?? null) !== null,
        deletedAt: isTime(deletedAt) ? deletedAt : null,
      }));
    },

    /** One of the accounts of this display name, or null. For set-up. */
    async findByName(name: string): Promise<Account | null> {
      const row = await accounts.findOne({ name }, { projection: { name: 1 } });
      return row && { id: row._id, name: storedName(row.name, row._id) };
    },

    /** Makes the account; false, and nothing is written, where it exists. `paper`: null for one that is not chosen. */
    create(accountId: string, name: string, paper: Paper | null = null): Promise<boolean> {
      const created = { _id: accountId, name, created_at: new Date() };
      return insertRow(accounts, { ...created, ...(paper !== null && { paper }) });
    },

    /**
     * Makes the account unless it exists. A given `name` replaces the stored one. Without it a new account has its id
     * as its name.
     */
    async upsert(accountId: string, name?: string): Promise<void> {
      const created = { created_at: new Date() };
      const update =
        name === undefined
          ? { $setOnInsert: { ...created, name: accountId } }
          : { $setOnInsert: created, $set: { name } };
      await accounts.updateOne({ _id: accountId }, update, { upsert: true });
    },
  };
}
