// The last lines that `npm start` prints: a link that signs in, a cookie, or how to get them, three requests that work
// when pasted, and those that write a session.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { TENANT_PERMISSIONS } from '../shared/accounts/permissions.ts';
import { SIGN_IN_LINK_MINUTES } from '../shared/accounts/sign-in-links.ts';
import type { AuditKeyBytes } from '../shared/audit/audit-keys.ts';
import type { ListedSession } from '../shared/sessions/session.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { DAY_MS } from '../shared/time/durations.ts';
import { issueLogin, issueSignInLink, LoginRefused, type LoginWanted } from './issue-login.ts';
import { describeWriting } from './writing-steps.ts';

const LISTED_DAYS = 30;
/** How many of the newest accounts are searched for one that has sessions. */
const ACCOUNTS_TRIED = 50;
/** Fewest redactions of the example session, so that its page and its report have something to show. */
const SHOWN_REDACTIONS = 3;

export type FirstStepsOptions = Readonly<{
  /** The account to show; null shows the newest that has sessions. */
  accountId: string | null;
  hasQueues: boolean;
  /** Without a slash at the end, as `consoleUrl`: the address for programs on this machine. */
  apiUrl: string;
  /** The address for browsers. */
  consoleUrl: string;
  /** Whether a login may be issued and its link and cookie printed: whoever reads the output can use them. */
  mayIssueLogin: boolean;
  /** Sign the access record, which has every login that is issued. */
  auditKeys: readonly AuditKeyBytes[];
}>;

/** The lines to print. Without any sessions, how to import. */
export async function describeFirstSteps(
  db: Db,
  { accountId, ...options }: FirstStepsOptions,
): Promise<string[]> {
  const candidates =
    accountId === null ? await createAccountRepository(db).listNewest(ACCOUNTS_TRIED) : [accountId];
  for (const candidate of candidates) {
    const session = await findSession(db, candidate);
    if (session) return describeRequests(db, session, options);
  }
  return ['The database holds no sessions: import an export with `npm run import -- DIR`.'];
}

/** The most recent session of the last 30 days with enough redactions; without one, the most recent session. */
async function findSession(db: Db, accountId: string): Promise<ListedSession | undefined> {
  const sessions = createSessionRepository(db);
  const until = new Date();
  const find = async (since: Date, minRedactions: number) => {
    const [found] = await sessions.list(accountId, { since, until, minRedactions, after: null, limit: 1 });
    return found;
  };
  const recently = new Date(until.getTime() - LISTED_DAYS * DAY_MS);
  return (await find(recently, SHOWN_REDACTIONS)) ?? (await find(new Date(0), 0));
}

async function describeRequests(
  db: Db,
  { id, accountId, startedAt }: ListedSession,
  { hasQueues, apiUrl, consoleUrl, mayIssueLogin, auditKeys }: Omit<FirstStepsOptions, 'accountId'>,
): Promise<string[]> {
  const made = mayIssueLogin ? await describeNewLogin({ db, accountId, auditKeys }, consoleUrl) : null;
  const { cookie, lines } = made ?? describeLogin(accountId);
  const isRecent = Date.now() - startedAt.getTime() < LISTED_DAYS * DAY_MS;
  const since = isRecent ? `${LISTED_DAYS}d` : startedAt.toISOString();
  const base = `${apiUrl}/api/v1/sessions`;
  const curl = (address: string) => `  curl -s -b ${cookie} '${address}'`;
  const example = await createSessionRepository(db).find(accountId, id);
  return [
    ...lines,
    'List sessions, show one, get its compliance report:',
    curl(`${base}?since=${since}&limit=5`),
    curl(`${base}/${id}`),
    curl(`${base}/${id}/report?format=json`),
    ...(example
      ? await describeWriting(db, example, { apiUrl, mayIssueToken: made !== null, auditKeys })
      : []),
    ...(hasQueues ? describeBoard(consoleUrl, accountId) : []),
  ];
}

/** How to get the login, and the cookie as a shell reads it. */
type LoginLines = Readonly<{ cookie: string; lines: readonly string[] }>;

/** Null where the user of such logins was deleted or is disabled: whoever did it wants neither link nor cookie printed. */
async function describeNewLogin(
  { accountId, ...how }: Pick<LoginWanted, 'db' | 'accountId' | 'auditKeys'>,
  consoleUrl: string,
): Promise<LoginLines | null> {
  const wanted = { ...how, accountId, permissions: TENANT_PERMISSIONS };
  try {
    const link = await issueSignInLink(wanted);
    const { cookie, expiresAt } = await issueLogin(wanted);
    const valid = `valid until ${expiresAt.toISOString()}`;
    return {
      cookie: `'${cookie}'`,
      lines: [
        `Open the console in a browser: this link signs you in once, within ${SIGN_IN_LINK_MINUTES} minutes.`,
        `  ${consoleUrl}${link.path}`,
        'Another link:',
        `  npm run -s login -- --account ${accountId} --link`,
        `The cookie of a login to account ${accountId}, ${valid}:`,
        `  ${cookie}`,
      ],
    };
  } catch (error) {
    if (error instanceof LoginRefused) return null;
    throw error;
  }
}

function describeLogin(accountId: string): LoginLines {
  return {
    cookie: '"$COOKIE"',
    lines: [
      'Make a link that signs you in to the console, in a browser, in a shell with the settings of this service:',
      `  npm run -s login -- --account ${accountId} --user NAME --link`,
      `Make a login to account ${accountId}, for the user NAME, in a shell with the settings of this service:`,
      `  COOKIE=$(npm run -s login -- --account ${accountId} --user NAME)`,
    ],
  };
}

function describeBoard(url: string, accountId: string): string[] {
  return [
    'Watch the background jobs, in a browser that is signed in by the link of an operator:',
    `  npm run -s login -- --account ${accountId} --permissions admin --link`,
    `  ${url}/admin/queues`,
  ];
}
