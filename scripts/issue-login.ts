// `npm run login`: a cookie for an account.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createLoginRepository, LOGIN_COOKIE } from '../shared/accounts/login-repository.ts';
import { type Permission, TENANT_PERMISSIONS } from '../shared/accounts/permissions.ts';
import { createUserRepository } from '../shared/accounts/user-repository.ts';
import { PERMISSIONS_USAGE, parseAccount, parseName, parsePermissions } from './command/account-options.ts';
import { EXIT, runCommand } from './command/command.ts';
import { connect } from './command/connect.ts';

const USAGE = `usage: npm run login -- --account ID [--user NAME] [--permissions a,b] [--json]

Issues a login to an account and prints its cookie. The cookie works until 30 days after its last use, and for 90 days
at most, unless the user or the account is deleted before, or the login is ended (npm run logins).

  --account ID         the account, acc_…
  --user NAME          who uses the login: an existing user of this name, else a new one (by default operator)
  --permissions a,b    by default ${TENANT_PERMISSIONS.join(',')};
                       among ${PERMISSIONS_USAGE}
  --json               prints {"cookie": "${LOGIN_COOKIE}=…", "expires_at": "…"}

exit: 0 done, 1 no such account, a user who was deleted or disabled, or another error, 64 usage`;

const OPTIONS = {
  account: { type: 'string' },
  user: { type: 'string' },
  permissions: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Name of the user of a login that is issued to nobody by name. */
const OPERATOR = 'operator';

/** Nobody can act for the account, or as the user. The message says what helps. */
export class LoginRefused extends Error {}

/** Issues a login; the cookie is `NAME=TOKEN`. Throws a `LoginRefused` for an account or a user that is not to log in. */
export async function issueLogin({
  db,
  accountId,
  userName = OPERATOR,
  permissions,
}: {
  db: Db;
  accountId: string;
  userName?: string;
  permissions: readonly Permission[];
}): Promise<{ cookie: string; expiresAt: Date }> {
  if (!(await createAccountRepository(db).findActive(accountId)))
    throw new LoginRefused(noAccount(accountId));
  const user = await createUserRepository(db).findOrCreate(accountId, userName);
  if (!user) {
    throw new LoginRefused(
      `The user ${userName} of ${accountId} was deleted or is disabled: take another --user, or unset deleted_at and disabled_at in users.`,
    );
  }
  const { token, expiresAt } = await createLoginRepository(db).issue(accountId, user.id, permissions);
  return { cookie: `${LOGIN_COOKIE}=${token}`, expiresAt };
}

/** What a command says of an account that nobody can act for. */
export function noAccount(accountId: string): string {
  return `There is no account ${accountId}, or it was deleted: a new one comes with an import (npm run import -- DIR).`;
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const accountId = parseAccount(values.account, positionals);
    const userName = values.user === undefined ? OPERATOR : parseName('--user', values.user);
    const permissions = parsePermissions(values.permissions);

    await using connected = await connect();
    const { cookie, expiresAt } = await issueLogin({ db: connected.db, accountId, userName, permissions });
    console.log(values.json ? JSON.stringify({ cookie, expires_at: expiresAt.toISOString() }) : cookie);
    return EXIT.done;
  });
}
