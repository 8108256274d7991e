// `npm run tokens`: the bearer tokens of an account.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import {
  DEFAULT_TOKEN_LIFETIME,
  LONGEST_TOKEN_DAYS,
  parseTokenLifetime,
} from '../shared/accounts/token-lifetime.ts';
import { createTokenRepository, type Token } from '../shared/accounts/token-repository.ts';
import {
  LISTED_AT_MOST,
  PERMISSIONS_USAGE,
  parseAccount,
  parseName,
  parsePermissions,
} from './command/account-options.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { recordCommand } from './command/record-command.ts';
import { terminalJson, terminalText } from './command/terminal-text.ts';
import { noAccount } from './issue-login.ts';

const USAGE = `usage: npm run tokens -- --account ID [--list] [--json]
       npm run tokens -- --account ID --create NAME --scopes a,b [--expires 90d] [--json]
       npm run tokens -- --account ID --revoke ID [--json]

Makes, lists and revokes the tokens by which programs act for an account: Authorization: Bearer msk_…. A token is shown
once, when it is made. It belongs to no user: reports that it asks for are recorded under its id, tok_…, so a revoked
token stays listed. It ends when it is revoked or expires, or with the account.

  --account ID         the account, acc_…
  --list               lists the tokens, newest first (also without any of the next two)
  --create NAME        makes a token of this name
  --scopes a,b         what it may do, among ${PERMISSIONS_USAGE}
  --expires T          when it ends: <n>h or <n>d from now, up to ${LONGEST_TOKEN_DAYS}d (by default ${DEFAULT_TOKEN_LIFETIME})
  --revoke ID          revokes this token, tok_…
  --json               prints {"token": "msk_…", "id": "tok_…"}, {"tokens": […]} or {"revoked": "tok_…"}

exit: 0 done, 1 no such account or token, or another error, 64 usage`;

const OPTIONS = {
  account: { type: 'string' },
  list: { type: 'boolean' },
  create: { type: 'string' },
  scopes: { type: 'string' },
  expires: { type: 'string' },
  revoke: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Task = (connected: Connected, accountId: string) => Promise<ExitCode>;

/** The options besides the account, as `parseArgs` gives them. */
export type TokenOptions = { [Name in 'list' | 'json']?: boolean | undefined } & {
  [Name in 'create' | 'scopes' | 'expires' | 'revoke']?: string | undefined;
};

/** What the options ask for. Throws a `UsageError` when they ask for two things or for half of one. */
export function readTask({ list, create, scopes, expires, revoke, json = false }: TokenOptions): Task {
  if ([list, create, revoke].filter((given) => given !== undefined).length > 1) {
    throw new UsageError('Give one of --list, --create and --revoke.');
  }
  if (create !== undefined) {
    if (scopes === undefined) throw new UsageError('Say what the token may do: --scopes a,b.');
    const draft = { name: parseName('--create', create), scopes: parsePermissions(scopes) };
    const lifetimeMs = parseLifetime(expires ?? DEFAULT_TOKEN_LIFETIME);
    return async (connected, accountId) => {
      const { id, text } = await createToken(connected, accountId, { ...draft, lifetimeMs });
      console.log(json ? terminalJson({ token: text, id }) : text);
      if (!json) console.error(`${id}: keep the token, it is not shown again.`);
      return EXIT.done;
    };
  }
  if (scopes !== undefined || expires !== undefined) {
    throw new UsageError('--scopes and --expires are for --create.');
  }
  return (connected, accountId) =>
    revoke === undefined
      ? printTokens(connected.db, accountId, json)
      : revokeToken(connected, accountId, revoke, json);
}

/** Milliseconds. */
function parseLifetime(text: string): number {
  const lifetimeMs = parseTokenLifetime(text);
  if (lifetimeMs !== null) return lifetimeMs;
  throw new UsageError(`--expires takes <n>h or <n>d, up to ${LONGEST_TOKEN_DAYS}d.`);
}

async function createToken(
  { db, config: { auditKeys } }: Connected,
  accountId: string,
  { name, scopes, lifetimeMs }: Pick<Token, 'name' | 'scopes'> & { lifetimeMs: number },
): Promise<{ id: string; text: string }> {
  if (!(await createAccountRepository(db).findActive(accountId))) throw new Error(noAccount(accountId));
  const now = new Date();
  const expiresAt = new Date(now.getTime() + lifetimeMs);
  const made = await createTokenRepository(db).create(accountId, { name, scopes, expiresAt }, now);
  await recordCommand({ db, auditKeys }, accountId, [{ action: 'token.make', subject: made.id }]);
  return made;
}

async function revokeToken(
  { db, config: { auditKeys } }: Connected,
  accountId: string,
  tokenId: string,
  json: boolean,
): Promise<ExitCode> {
  if (!(await createTokenRepository(db).revoke(accountId, tokenId))) {
    throw new Error(
      `${accountId} has no token ${terminalText(tokenId)}: npm run tokens -- --account ${accountId} lists them.`,
    );
  }
  await recordCommand({ db, auditKeys }, accountId, [{ action: 'token.revoke', subject: tokenId }]);
  console.log(json ? terminalJson({ revoked: tokenId }) : `${tokenId} revoked`);
  return EXIT.done;
}

async function printTokens(db: Db, accountId: string, json: boolean): Promise<ExitCode> {
  if (!(await createAccountRepository(db).find(accountId))) {
    throw new Error(`There is no account ${accountId}. No token of it works.`);
  }
  const tokens = await createTokenRepository(db).list(accountId, LISTED_AT_MOST);
  if (json) console.log(terminalJson({ tokens: tokens.map(toJson) }));
  else for (const token of tokens) console.log(describe(token));
  if (tokens.length === LISTED_AT_MOST) console.error(`These are the newest ${LISTED_AT_MOST}.`);
  else if (!json && tokens.length === 0) console.error(`${accountId} has no tokens.`);
  return EXIT.done;
}

function toJson({ id, name, scopes, createdAt, expiresAt, lastUsedAt, revokedAt }: Token) {
  return {
    id,
    name,
    scopes,
    created_at: createdAt,
    last_used_at: lastUsedAt,
    expires_at: expiresAt,
    revoked_at: revokedAt,
  };
}

function describe({ id, name, scopes, createdAt, expiresAt, lastUsedAt, revokedAt }: Token): string {
  const end = expiresAt > new Date() ? 'expires' : 'expired';
  return [
    id,
    terminalText(name),
    `made ${createdAt.toISOString()}`,
    `last used ${lastUsedAt?.toISOString() ?? 'never'}`,
    revokedAt ? `revoked ${revokedAt.toISOString()}` : `${end} ${expiresAt.toISOString()}`,
    scopes.join(','),
  ].join('  ');
}

/** The command, with the arguments of this process. */
export async function runTokens(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const accountId = parseAccount(values.account, positionals);
    const task = readTask(values);
    await using connected = await connect();
    return await task(connected, accountId);
  });
}

if (import.meta.main) process.exitCode = await runTokens();
