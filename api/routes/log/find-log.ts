import { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import { UNSIGNED } from '../../../shared/reports/unsigned-log.ts';
import type { AccountLog } from '../../../shared/transparency/account-log.ts';
import type { LoggedEntry, TrustedCheckpoint } from '../../../shared/transparency/log-reader.ts';
import type { ApiDeps } from '../../http/context.ts';

/** The account logs; throws `unavailable` where this process has no key for them. */
export function assertLog({ accountLog }: Pick<ApiDeps, 'accountLog'>): AccountLog {
  if (accountLog) return accountLog;
  throw new AppError(
    'unavailable',
    'This deployment signs no account log: its operator has to set SIGNING_KEY.',
  );
}

/** The newest checkpoint of the account's log; throws as `whyNotLogged` says where none is signed. */
export async function assertCheckpoint(
  { reader }: Pick<AccountLog, 'reader'>,
  accountId: string,
): Promise<TrustedCheckpoint> {
  const found = await reader.checkpoint(accountId);
  if (!found) throw await whyNotLogged({ reader }, accountId);
  return found;
}

/** Seconds in which the workers bring a log up to date. */
const BEHIND_AT_MOST_S = 60;

/**
 * Why no checkpoint covers an entry: `not_logged_yet`, or `report_generation_failed` where the log's checkpoint is by none of
 * this process's keys, since no checkpoint of the process will follow it.
 */
export async function whyNotLogged(
  { reader }: Pick<AccountLog, 'reader'>,
  accountId: string,
): Promise<AppError> {
  const { isForeign } = await reader.standing(accountId);
  return isForeign ? reportFailure('account_log', `${UNSIGNED}.`) : notLogged();
}

export function notLogged(): AppError {
  return new AppError('not_logged_yet', 'No signed checkpoint covers it yet.', {
    retryAfterS: BEHIND_AT_MOST_S,
  });
}

/** The entry that the row of a session or a report names. */
export type Named = Readonly<{
  /** The session's or the report's. */
  id: string;
  /** Absent where the row names none. */
  index: number | undefined;
}>;

/**
 * The entry, and what `readOwn` makes of its text, which is null for a text of something else. Where the row names none, or one
 * of something else, what `search` finds in the log. Null where no checkpoint covers an entry of it. Throws
 * `report_generation_failed` where the entry is of something else, or the log has no such entry: the row is false then, and
 * nothing is said of the account log.
 */
export async function findNamed<Entry>(
  { reader }: Pick<AccountLog, 'reader'>,
  accountId: string,
  { id, index }: Named,
  readOwn: (text: string, index: number) => Entry | null,
  search: () => Promise<LoggedEntry | null>,
): Promise<(LoggedEntry & Readonly<{ entry: Entry }>) | null> {
  const searched = async () => {
    const found = await search();
    const entry = found && readOwn(found.text, found.index);
    return found && entry !== null ? { ...found, entry } : null;
  };
  if (index === undefined) return await searched();
  const logged = await reader.entry(accountId, index);
  const text = logged ? logged.text : (await reader.entryTexts(accountId, [index]))[0];
  const entry = readOwn(text ?? '', index);
  if (entry === null) {
    const found = await searched();
    if (found) return found;
    throw reportFailure(
      'account_log',
      `The row of ${id} names an entry of the account log that ${text == null ? 'the log does not have' : 'is of something else'}: compare the row with a backup. npm run verify -- --all tells whether the account log holds.`,
    );
  }
  return logged && { ...logged, entry };
}
