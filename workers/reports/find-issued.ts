// Whether the account log says that a report was issued already: whoever writes to the database can put its order back, and
// remove its row from the ledger. Only the log itself says what it has.
import type { ReportJob } from '../../shared/reports/report-job.ts';
import { readReportIssued } from '../../shared/reports/stated-entry.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegments } from '../../shared/transparency/log-segments.ts';

/** An entry that a report was issued, and its place. */
export type IssuedEntry = Readonly<{ text: string; index: number }>;

/**
 * The entry of the report with this order's id; null where the log has none. Reads what was appended since the order was
 * taken, or the whole log for an order of an earlier version. Rejects with the signal's reason when it aborts.
 */
export async function findIssuedEntry(
  { readOn }: Pick<LogSegments, 'readOn'>,
  { accountId, id, logSize = 0 }: Pick<ReportJob, 'accountId' | 'id' | 'logSize'>,
  signal: AbortSignal,
): Promise<IssuedEntry | null> {
  const first = Math.floor(logSize / LOG_SEGMENT_SIZE);
  for await (const segment of readOn(accountId, first)) {
    signal.throwIfAborted();
    for (const [i, bytes] of segment.entries.entries()) {
      if (!bytes.includes(id)) continue;
      const text = bytes.toString();
      if (readReportIssued(text, { accountId, reportId: id }))
        return { text, index: segment.index * LOG_SEGMENT_SIZE + i };
    }
  }
  return null;
}
