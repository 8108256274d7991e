// `npm run logins`: the logins of an account, and their end.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { type ListedLogin, listLogins } from '../shared/accounts/list-logins.ts';
import { createLoginRepository } from '../shared/accounts/login-repository.ts';
import { createUserRepository } from '../shared/accounts/user-repository.ts';
import { LISTED_AT_MOST, parseAccount } from './command/account-options.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { recordCommand } from './command/record-command.ts';
import { terminalJson, terminalText } from './command/terminal-text.ts';

const USAGE = `usage: npm run logins -- --account ID [--revoke ID | --all] [--json]

Lists the logins of an account, newest first. A login ends with its user, with its account, by POST
/api/v1/auth/logout, or by this command: the next request with its cookie is refused.

  --account ID     the account, acc_…
  --revoke ID      ends this login, lgn_…
  --all            ends every login of the account
  --json           prints {"logins": […]}, or {"revoked": N}

exit: 0 done, 1 no such account or login, or another error, 64 usage`;

const OPTIONS = {
  account: { type: 'string' },
  revoke: { type: 'string' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

async function readLogins(db: Db, accountId: string): Promise<ListedLogin[]> {
  const repositories = {
    accounts: createAccountRepository(db),
    logins: createLoginRepository(db),
    users: createUserRepository(db),
  };
  return listLogins(repositories, accountId, LISTED_AT_MOST);
}

/** The user's name is null where the user's row is gone. */
function toJson({ id, userId, userName, permissions, createdAt, lastUsedAt, expiresAt, works }: ListedLogin) {
  return {
    id,
    user: { id: userId, name: userName },
    permissions,
    created_at: createdAt,
    last_used_at: lastUsedAt,
    expires_at: expiresAt,
    works,
  };
}

function describe(login: ListedLogin): string {
  const { id, userId, userName, permissions, createdAt, lastUsedAt, expiresAt, works } = login;
  return [
    id,
    terminalText(userName ?? userId),
    `made ${createdAt.toISOString()}`,
    `last used ${lastUsedAt?.toISOString() ?? 'never'}`,
    works ? `expires ${expiresAt.toISOString()}` : 'refused: its user or account was deleted or disabled',
    permissions.join(',') || 'no permissions',
  ].join('  ');
}

async function printLogins(db: Db, accountId: string, json: boolean): Promise<ExitCode> {
  const logins = await readLogins(db, accountId);
  if (json) console.log(terminalJson({ logins: logins.map(toJson) }));
  else for (const login of logins) console.log(describe(login));
  if (logins.length === LISTED_AT_MOST) console.error(`These are the newest ${LISTED_AT_MOST}.`);
  else if (!json && logins.length === 0) console.error(`${accountId} has no logins.`);
  return EXIT.done;
}

async function revokeOne(
  { db, config: { auditKeys } }: Connected,
  accountId: string,
  loginId: string,
): Promise<number> {
  const logins = createLoginRepository(db);
  if (await logins.has(accountId, loginId)) {
    // First: killed in between, the command would find no such login when it is given again.
    await recordCommand({ db, auditKeys }, accountId, [{ action: 'login.revoke', subject: loginId }]);
    await logins.revoke(accountId, loginId);
    return 1;
  }
  throw new Error(
    `${accountId} has no login ${terminalText(loginId)}, or no more: npm run logins -- --account ${accountId} lists them.`,
  );
}

/** The record has one row for all of them: which they were is not read before they end. */
async function revokeAll({ db, config: { auditKeys } }: Connected, accountId: string): Promise<number> {
  const count = await createLoginRepository(db).revokeAll(accountId);
  await recordCommand({ db, auditKeys }, accountId, [{ action: 'login.revoke', subject: accountId }]);
  return count;
}

/** The command, with the arguments of this process. */
export async function runLogins(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const { revoke, all = false, json = false } = values;
    const accountId = parseAccount(values.account, positionals);
    if (revoke !== undefined && all) throw new UsageError('Give --revoke ID or --all, not both.');

    await using connected = await connect();
    const { db } = connected;
    if (!(await createAccountRepository(db).find(accountId))) {
      throw new Error(`There is no account ${accountId}. No login to it works.`);
    }
    if (revoke === undefined && !all) return await printLogins(db, accountId, json);
    const count = all
      ? await revokeAll(connected, accountId)
      : await revokeOne(connected, accountId, revoke as string);
    console.log(json ? terminalJson({ revoked: count }) : `${count} revoked`);
    return EXIT.done;
  });
}

if (import.meta.main) process.exitCode = await runLogins();
