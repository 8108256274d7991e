import type { AccountRepository } from './account-repository.ts';
import type { Login, LoginRepository } from './login-repository.ts';
import type { UserRepository } from './user-repository.ts';

/** A login with its user. */
export type ListedLogin = Login &
  Readonly<{
    /** Null where the user's row is gone. */
    userName: string | null;
    /** False where the user or the account was deleted or disabled: the login is refused. */
    works: boolean;
  }>;

/** Logins of the account that have not expired, newest first, at most `limit`. Rejects with the driver's error. */
export async function listLogins(
  {
    accounts,
    logins,
    users,
  }: Readonly<{
    accounts: Pick<AccountRepository, 'findActive'>;
    logins: Pick<LoginRepository, 'list'>;
    users: Pick<UserRepository, 'listById'>;
  }>,
  accountId: string,
  limit: number,
  now: Date = new Date(),
): Promise<ListedLogin[]> {
  const [account, found] = await Promise.all([
    accounts.findActive(accountId),
    logins.list(accountId, now, limit),
  ]);
  const named = await users.listById(
    accountId,
    found.map(({ userId }) => userId),
  );
  return found.map((login) => {
    const user = named.get(login.userId);
    return {
      ...login,
      userName: user?.name ?? null,
      works: account !== null && user?.isActive === true,
    };
  });
}
