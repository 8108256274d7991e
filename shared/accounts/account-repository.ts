// Accounts: the tenants. Everything else that is stored names one.
import type { Collection, Db } from 'mongodb';
import type { IndexSpec } from '../mongo/index-spec.ts';

/** A tenant. `id` is `acc_…`. */
export type Account = Readonly<{ id: string; name: string }>;

type StoredAccount = { _id: string; name: string; created_at: Date };

/** Indexes of `accounts`: the id is enough. */
export const ACCOUNT_INDEXES: readonly IndexSpec[] = [];

/** What `createAccountRepository` returns. */
export type AccountRepository = ReturnType<typeof createAccountRepository>;

/** Stores and finds accounts. All methods reject with the driver's error when the database does not answer. */
export function createAccountRepository(db: Db) {
  const accounts: Collection<StoredAccount> = db.collection('accounts');

  return {
    /** The account, or null when there is none with this id. */
    async find(accountId: string): Promise<Account | null> {
      const row = await accounts.findOne({ _id: accountId }, { projection: { name: 1 } });
      return row && { id: row._id, name: row.name };
    },

    /** Ids of the accounts made last, newest first. For an operator's commands: no route may list tenants. */
    async listNewest(limit: number): Promise<string[]> {
      const rows = await accounts
        .find({}, { projection: { _id: 1 } })
        .sort({ created_at: -1 })
        .limit(limit)
        .toArray();
      return rows.map((row) => row._id);
    },

    /** For set-up: an account of this display name, which need not be unique, or null. */
    async findByName(name: string): Promise<Account | null> {
      const row = await accounts.findOne({ name }, { projection: { name: 1 } });
      return row && { id: row._id, name: row.name };
    },

    /**
     * Makes the account unless it exists. A name given replaces the stored one; without one a new account is named by
     * its id.
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
