// The entry that the account log holds of a report, or is to hold by what its row in the ledger says.
import { hash } from 'node:crypto';
import {
  type LogEntryOf,
  parseLogEntry,
  reportIssuedText,
  unlessMisformed,
} from '../transparency/log-entry.ts';
import type { LogIdentity } from '../transparency/log-origin.ts';
import { isStatementOf } from '../transparency/verify-statement.ts';
import type { LedgerEntry } from './report-row.ts';

/** The report's entry that a text is; null for any other text, and another report's. */
export function readReportIssued(
  text: string,
  report: Readonly<{ accountId: string; reportId: string }>,
): LogEntryOf<'report_issued'> | null {
  const entry = parseLogEntry(text);
  if (entry?.kind !== 'report_issued') return null;
  return entry.account_id === report.accountId && entry.report_id === report.reportId ? entry : null;
}

/** The text of the entry that the account log is to hold of a report; null where no entry can state it. */
export function entryTextOf(accountId: string, report: LedgerEntry): string | null {
  const { format, agentId = null } = report;
  return format && unlessMisformed(() => reportIssuedText(accountId, { ...report, agentId, format }));
}

/**
 * As `entryTextOf`, where the row bears a signature over it by a key of this deployment: then root, size, session and time are
 * those of the report that was issued. Null where it bears none.
 */
export function statedEntryText(
  identity: LogIdentity,
  accountId: string,
  report: LedgerEntry,
): string | null {
  const { id: reportId, entryStatement } = report;
  const text = entryStatement === undefined ? null : entryTextOf(accountId, report);
  if (text === null || entryStatement === undefined) return null;
  const stated = { subject: 'entry', reportId, sha256Hex: hash('sha256', text) } as const;
  return isStatementOf(identity, accountId, stated, entryStatement) ? text : null;
}
