// `npm run login`: a cookie for an account, or a link by which a browser gets one.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createLoginRepository, LOGIN_COOKIE, loginIdOf } from '../shared/accounts/login-repository.ts';
import { type Permission, TENANT_PERMISSIONS } from '../shared/accounts/permissions.ts';
import { createSignInLinks, SIGN_IN_LINK_MINUTES } from '../shared/accounts/sign-in-links.ts';
import { createUserRepository, type User } from '../shared/accounts/user-repository.ts';
import type { AuditKeyBytes } from '../shared/audit/audit-keys.ts';
import type { Config } from '../shared/process/config.ts';
import { publicUrl } from '../shared/process/public-url.ts';
import { readServices } from '../shared/process/services.ts';
import { PERMISSIONS_USAGE, parseAccount, parseName, parsePermissions } from './command/account-options.ts';
import { EXIT, type ExitCode, runCommand } from './command/command.ts';
import { connect } from './command/connect.ts';
import { recordCommand } from './command/record-command.ts';

const USAGE = `usage: npm run login -- --account ID [--user NAME] [--permissions a,b] [--link] [--json]

Issues a login to an account and prints its cookie, or prints a link that signs a browser in. A login works until 30
days after its last use, and for 90 days at most, unless the user or the account is deleted before, or the login is
ended (npm run logins).

  --account ID         the account, acc_…
  --user NAME          who uses the login: an existing user of this name, else a new one (by default operator)
  --permissions a,b    by default ${TENANT_PERMISSIONS.join(',')};
                       among ${PERMISSIONS_USAGE}
  --link               prints a link to the console in place of a cookie: it works once, for ${SIGN_IN_LINK_MINUTES} minutes, and begins
                       with PUBLIC_URL, else with the address of the running API
  --json               prints {"cookie": "${LOGIN_COOKIE}=…", "expires_at": "…"}, with --link
                       {"link": "https://…", "expires_at": "…"}

exit: 0 done, 1 no such account, a user who was deleted or disabled, or another error, 64 usage`;

const OPTIONS = {
  account: { type: 'string' },
  user: { type: 'string' },
  permissions: { type: 'string' },
  link: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Name of the user of a login that is issued to nobody by name. */
const OPERATOR = 'operator';

/** Nobody can act for the account, or as the user. The message says what helps. */
export class LoginRefused extends Error {}

/** Whose login it is to be: without a name, that of the `operator`. `auditKeys` sign the access record. */
export type LoginWanted = Readonly<{
  db: Db;
  accountId: string;
  userName?: string;
  permissions: readonly Permission[];
  auditKeys: readonly AuditKeyBytes[];
}>;

/** Issues a login and records it; the cookie is `NAME=TOKEN`. Throws a `LoginRefused` for an account or a user that is not to log in. */
export async function issueLogin(wanted: LoginWanted): Promise<{ cookie: string; expiresAt: Date }> {
  const { db, accountId, permissions } = wanted;
  const user = await findUser(wanted);
  const { token, expiresAt } = await createLoginRepository(db).issue(accountId, user.id, permissions);
  await recordCommand(wanted, accountId, [
    { action: 'login.command', subject: loginIdOf(token), user: user.id },
  ]);
  return { cookie: `${LOGIN_COOKIE}=${token}`, expiresAt };
}

/** Makes a sign-in link: the path of its page, with its token. Throws as `issueLogin` does. */
export async function issueSignInLink(wanted: LoginWanted): Promise<{ path: string; expiresAt: Date }> {
  const { db, accountId, permissions } = wanted;
  const user = await findUser(wanted);
  const { token, expiresAt } = await createSignInLinks(db).issue({ accountId, userId: user.id, permissions });
  return { path: `/sign-in?link=${token}`, expiresAt };
}

async function findUser({ db, accountId, userName = OPERATOR }: LoginWanted): Promise<User> {
  if (!(await createAccountRepository(db).findActive(accountId)))
    throw new LoginRefused(noAccount(accountId));
  const user = await createUserRepository(db).findOrCreate(accountId, userName);
  if (user) return user;
  throw new LoginRefused(
    `The user ${userName} of ${accountId} was deleted or is disabled: take another --user, or unset deleted_at and disabled_at in users.`,
  );
}

/** What a command says of an account that nobody can act for. */
export function noAccount(accountId: string): string {
  return `There is no account ${accountId}, or it was deleted: a new one comes with an import (npm run import -- DIR).`;
}

async function makeLink(wanted: LoginWanted, config: Config): Promise<{ link: string; expiresAt: Date }> {
  const base = publicUrl(config, readServices(config.dataDir).api?.url);
  if (base.endsWith(':0')) {
    throw new Error(
      'PORT=0 does not say where the API listens: set PUBLIC_URL, or run the command beside npm start.',
    );
  }
  const { path, expiresAt } = await issueSignInLink(wanted);
  return { link: `${base}${path}`, expiresAt };
}

/** The command, with the arguments of this process. */
export async function runIssueLogin(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const accountId = parseAccount(values.account, positionals);
    const userName = values.user === undefined ? OPERATOR : parseName('--user', values.user);
    const permissions = parsePermissions(values.permissions);

    await using connected = await connect();
    const { auditKeys } = connected.config;
    const wanted = { db: connected.db, accountId, userName, permissions, auditKeys };
    const made = values.link ? await makeLink(wanted, connected.config) : await issueLogin(wanted);
    const expires_at = made.expiresAt.toISOString();
    if ('link' in made)
      console.log(values.json ? JSON.stringify({ link: made.link, expires_at }) : made.link);
    else console.log(values.json ? JSON.stringify({ cookie: made.cookie, expires_at }) : made.cookie);
    return EXIT.done;
  });
}

if (import.meta.main) process.exitCode = await runIssueLogin();
