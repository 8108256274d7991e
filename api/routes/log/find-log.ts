import { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { AccountLog } from '../../../shared/transparency/account-log.ts';
import type { TrustedCheckpoint } from '../../../shared/transparency/log-reader.ts';
import type { ApiDeps } from '../../http/context.ts';

/** The account logs; throws `unavailable` where this process has no key for them. */
export function assertLog({ accountLog }: Pick<ApiDeps, 'accountLog'>): AccountLog {
  if (accountLog) return accountLog;
  throw new AppError(
    'unavailable',
    'This deployment signs no account log: its operator has to set SIGNING_KEY.',
  );
}

/** The newest checkpoint of the account's log; throws `not_logged_yet` where none is signed. */
export async function assertCheckpoint(
  { reader }: Pick<AccountLog, 'reader'>,
  accountId: string,
): Promise<TrustedCheckpoint> {
  const found = await reader.checkpoint(accountId);
  if (!found) throw notLogged();
  return found;
}

/** Seconds in which the workers bring a log up to date. */
const BEHIND_AT_MOST_S = 60;

export function notLogged(): AppError {
  return new AppError('not_logged_yet', 'No signed checkpoint covers it yet.', {
    retryAfterS: BEHIND_AT_MOST_S,
  });
}

/** The row of a session or a report names another's entry: the row is false, and nothing is said of the account log. */
export function namesAnother(id: string): AppError {
  return reportFailure(
    'account_log',
    `The row of ${id} names an entry of the account log that is of something else: compare the row with a backup. npm run verify -- --all tells whether the account log holds.`,
  );
}
