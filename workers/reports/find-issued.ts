// Whether the account log says that a report was issued already: whoever writes to the database can put its order back, and
// remove its row from the ledger. Only the log itself says what it has.
import { reportFailure } from '../../shared/errors/report-failure.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import type { ReportJob } from '../../shared/reports/report-job.ts';
import { readReportIssued } from '../../shared/reports/stated-entry.ts';
import { NOT_AS_SIGNED, UNSIGNED } from '../../shared/reports/unsigned-log.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import { readSignedPart } from './signed-part.ts';

/** An entry that a report was issued, and its place. */
export type IssuedEntry = Readonly<{ text: string; index: number }>;

type Order = Pick<ReportJob, 'accountId' | 'id' | 'logSize'>;

/**
 * The entry of the report with this order's id; null where the log has none. Reads what was appended since the order was
 * taken, or the whole log for an order of an earlier version. `known`: the largest checkpoint that the process knows. Throws
 * `report_generation_failed` (`account_log`) where the log is not what was signed: then it says nothing of any report. Rejects
 * with the signal's reason when it aborts.
 */
export async function findIssuedEntry(
  logs: AccountLogs,
  order: Order,
  known: KnownRoot | null,
  signal: AbortSignal,
): Promise<IssuedEntry | null> {
  try {
    return await search(logs, order, known, signal);
  } catch (error) {
    if (error instanceof DamagedLog) throw reportFailure('account_log', `${NOT_AS_SIGNED}.`);
    throw error;
  }
}

async function search(
  logs: AccountLogs,
  { accountId, id: reportId, logSize = 0 }: Order,
  known: KnownRoot | null,
  signal: AbortSignal,
): Promise<IssuedEntry | null> {
  const signed = await readSignedPart(logs, accountId, known);
  if (!signed) throw reportFailure('account_log', `${UNSIGNED}.`);
  const firstSegment = Math.floor(logSize / LOG_SEGMENT_SIZE);
  let found: IssuedEntry | null = null;
  let size = firstSegment * LOG_SEGMENT_SIZE;
  for await (const { entries } of logs.reader.readSigned(accountId, signed, firstSegment)) {
    signal.throwIfAborted();
    for (const [i, bytes] of entries.entries()) {
      if (!bytes.includes(reportId)) continue;
      const text = bytes.toString();
      if (readReportIssued(text, { accountId, reportId })) found ??= { text, index: size + i };
    }
    size += entries.length;
  }
  if (size < logSize) throw new DamagedLog(`The log of ${accountId} is shorter than an order says`);
  return found;
}
