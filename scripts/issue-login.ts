// `npm run login`: a cookie for an account.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createLoginRepository, LOGIN_COOKIE } from '../shared/accounts/login-repository.ts';
import {
  isPermission,
  PERMISSIONS,
  type Permission,
  TENANT_PERMISSIONS,
} from '../shared/accounts/permissions.ts';
import { createUserRepository } from '../shared/accounts/user-repository.ts';
import { isId } from '../shared/audit/ids.ts';
import { EXIT, runCommand, UsageError } from './command/command.ts';
import { connect } from './command/connect.ts';

const USAGE = `usage: npm run login -- --account ID [--permissions a,b] [--json]

Issues a login to an account and prints its cookie. The cookie works until 30 days after its last use, and for 90 days
at most.

  --account ID         the account, acc_…
  --permissions a,b    among ${PERMISSIONS.join(', ')}
                       (by default ${TENANT_PERMISSIONS.join(', ')}); admin shows the queues of all
                       accounts at /admin/queues, admin:write with it changes them: for operators only
  --json               prints {"cookie": "${LOGIN_COOKIE}=…", "expires_at": "…"}

exit: 0 done, 1 no such account or another error, 64 usage`;

const OPTIONS = {
  account: { type: 'string' },
  permissions: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Name of the user that owns the logins issued here. Each account has one. */
const OPERATOR = 'operator';

/** Issues a login; the cookie is `NAME=TOKEN`. Throws when there is no such account. */
export async function issueLogin({
  db,
  accountId,
  permissions,
}: {
  db: Db;
  accountId: string;
  permissions: readonly Permission[];
}): Promise<{ cookie: string; expiresAt: Date }> {
  if (!(await createAccountRepository(db).find(accountId))) {
    throw new Error(`There is no account ${accountId}: import its export first (npm run import -- DIR).`);
  }
  const user = await createUserRepository(db).findOrCreate(accountId, OPERATOR);
  const { token, expiresAt } = await createLoginRepository(db).issue(accountId, user.id, permissions);
  return { cookie: `${LOGIN_COOKIE}=${token}`, expiresAt };
}

function parsePermissions(text: string | undefined): readonly Permission[] {
  if (text === undefined) return TENANT_PERMISSIONS;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isPermission(name));
  if (unknown !== undefined)
    throw new UsageError(`Unknown permission "${unknown}": use ${PERMISSIONS.join(', ')}.`);
  return [...new Set(names.filter(isPermission))];
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const { account: accountId, json } = values;
    if (!isId('account', accountId)) throw new UsageError('Name the account: --account acc_…');
    if (positionals.length > 0) throw new UsageError(`Unexpected argument ${positionals[0]}.`);
    const permissions = parsePermissions(values.permissions);

    await using connected = await connect();
    const { cookie, expiresAt } = await issueLogin({ db: connected.db, accountId, permissions });
    console.log(json ? JSON.stringify({ cookie, expires_at: expiresAt.toISOString() }) : cookie);
    return EXIT.done;
  });
}
