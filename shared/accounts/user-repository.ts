// Users: the people of an account, known by name. Another service authenticates them. A user is deleted by `deleted_at` on
// the row, or with the row, and disabled by `disabled_at`, until it is unset. Meanwhile no login of the user works.
import type { Collection, Db } from 'mongodb';
import { newId } from '../audit/ids.ts';
import { isDuplicateKey } from '../mongo/duplicate-key.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { storedName } from './stored-name.ts';

/** A person of an account. `id` is `usr_…`; the name is unique within the account. */
export type User = Readonly<{ id: string; name: string }>;

type StoredUser = {
  _id: string;
  account_id: string;
  name: string;
  deleted_at?: Date | null;
  disabled_at?: Date | null;
};

const USER_FIELDS = { account_id: 1, name: 1, deleted_at: 1, disabled_at: 1 } as const;

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

  const findByName = (accountId: string, name: string) =>
    users.findOne({ account_id: accountId, name }, { projection: USER_FIELDS });

  return {
    /** The user; null when the account has none with this id, or the user was deleted or is disabled. */
    async find(accountId: string, userId: string): Promise<User | null> {
      const row = await users.findOne({ _id: userId, account_id: accountId }, { projection: USER_FIELDS });
      return row && activeUser(row);
    },

    /** The account's users among `userIds`, deleted and disabled ones too; an unknown id is left out. */
    async listById(
      accountId: string,
      userIds: readonly string[],
    ): Promise<Map<string, Readonly<{ name: string; isActive: boolean }>>> {
      const ids = [...new Set(userIds)];
      if (ids.length === 0) return new Map();
      const rows = await users
        .find({ _id: { $in: ids }, account_id: accountId }, { projection: USER_FIELDS })
        .limit(ids.length)
        .toArray();
      return new Map(
        rows.map((row) => [
          row._id,
          { name: storedName(row.name, row._id), isActive: activeUser(row) !== null },
        ]),
      );
    },

    /**
     * The account's user of this name; makes one when there is none. Null where the user of this name was deleted or is
     * disabled. Two callers at once get the same user.
     */
    async findOrCreate(accountId: string, name: string): Promise<User | null> {
      const found = await findByName(accountId, name);
      if (found) return activeUser(found);
      const user = { id: newId('user'), name };
      try {
        await users.insertOne({ _id: user.id, account_id: accountId, name });
        return user;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const winner = await findByName(accountId, name);
        if (!winner) throw error;
        return activeUser(winner);
      }
    },
  };
}

function activeUser(row: StoredUser): User | null {
  return row.deleted_at || row.disabled_at ? null : { id: row._id, name: storedName(row.name, row._id) };
}
