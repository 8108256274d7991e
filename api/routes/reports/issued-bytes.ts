// Which bytes were issued as a report that was made in the background, by its row in the ledger. Whoever writes to the
// database can change stored bytes and rows: where this process knows the deployment's keys, a digest counts only under a
// statement that one of them has signed.
import type { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import { statedBytes } from '../../../shared/reports/composed-entry.ts';
import type { ComposedJob, ReportJob } from '../../../shared/reports/report-job.ts';
import { entryTextOf, readReportIssued } from '../../../shared/reports/stated-entry.ts';
import type { AccountLog } from '../../../shared/transparency/account-log.ts';
import { findReportEntry } from '../../../shared/transparency/find-entries.ts';
import type { LoggedEntry } from '../../../shared/transparency/log-reader.ts';
import { isStatementOf } from '../../../shared/transparency/verify-statement.ts';
import type { ApiDeps } from '../../http/context.ts';

export type IssuedDeps = Pick<ApiDeps, 'ledger' | 'accountLog'>;

/**
 * Throws `report_generation_failed` (`stored_bytes`) unless the ledger states the digest that the job's row does, as the
 * account log has it.
 */
export async function assertIssued(
  { ledger, accountLog }: IssuedDeps,
  job: ReportJob,
  { sha256Hex }: Pick<ComposedJob, 'sha256Hex'>,
): Promise<void> {
  const row = await ledger.find(job.accountId, job.id);
  if (!row) throw altered('The ledger has no row of it');
  const stated = statedBytes(row, job.format);
  if (stated.sha256Hex !== sha256Hex) throw altered('Its row in the ledger states another SHA-256');
  if (!accountLog) return;
  const logged = await findLogged(accountLog, job, row.logIndex);
  if (logged && logged.text !== entryTextOf(job.accountId, row))
    throw altered(`Its row in the ledger contradicts entry ${logged.index} of the account log`);
  const { subject, statement } = stated;
  const isSigned =
    statement !== null &&
    isStatementOf(accountLog.identity, job.accountId, { subject, reportId: job.id, sha256Hex }, statement);
  if (!isSigned) throw altered('No key of this deployment signed the SHA-256 in its row of the ledger');
}

/**
 * The entry of the report: the one that its row names, or else the one that the account log has, since whoever writes to the
 * database can take the index off the row. It stands behind what the log had when the order was taken.
 */
async function findLogged(
  { reader }: AccountLog,
  { accountId, id, logSize }: ReportJob,
  logIndex: number | undefined,
): Promise<Pick<LoggedEntry, 'index' | 'text'> | null> {
  if (logIndex !== undefined) {
    const [text] = await reader.entryTexts(accountId, [logIndex]);
    if (text != null && readReportIssued(text, { accountId, reportId: id })) return { index: logIndex, text };
  }
  return await findReportEntry(reader, accountId, id, logSize);
}

/** The error of bytes that are not the issued ones. */
export function altered(what: string): AppError {
  return reportFailure(
    'stored_bytes',
    `The stored bytes of the report are not those that were issued. ${what}. Nothing is sent: order the report again, and have the operator run npm run verify -- --all.`,
  );
}
