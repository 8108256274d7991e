// Users: the people of an account, known by name. Another service authenticates them.
import type { Collection, Db } from 'mongodb';
import { newId } from '../audit/ids.ts';
import { isDuplicateKey } from '../mongo/duplicate-key.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';

/** A person of an account. `id` is `usr_…`; the name is unique within the account. */
export type User = Readonly<{ id: string; name: string }>;

type StoredUser = { _id: string; account_id: string; name: string };

/** Indexes of `users`: a name is unique within its account. */
export const USER_INDEXES: readonly IndexSpec[] = [
  { collection: 'users', key: { account_id: 1, name: 1 }, unique: true },
];

/** The users of an account. */
export type UserRepository = ReturnType<typeof createUserRepository>;

/**
 * Stores and finds the users of an account. All methods reject with the driver's error when the database does not
 * answer.
 */
export function createUserRepository(db: Db) {
  const users: Collection<StoredUser> = db.collection('users');

  async function findByName(accountId: string, name: string): Promise<User | null> {
    const row = await users.findOne({ account_id: accountId, name });
    return row && { id: row._id, name: row.name };
  }

  return {
    /** The user, or null when the account has none with this id. */
    async find(accountId: string, userId: string): Promise<User | null> {
      const row = await users.findOne({ _id: userId, account_id: accountId }, { projection: { name: 1 } });
      return row && { id: row._id, name: row.name };
    },

    /** The account's user of this name; makes one when there is none. Two callers at once get the same user. */
    async findOrCreate(accountId: string, name: string): Promise<User> {
      const found = await findByName(accountId, name);
      if (found) return found;
      const user = { id: newId('user'), name };
      try {
        await users.insertOne({ _id: user.id, account_id: accountId, name });
        return user;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const winner = await findByName(accountId, name);
        if (!winner) throw error;
        return winner;
      }
    },
  };
}
