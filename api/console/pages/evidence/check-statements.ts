// What is signed of a report by its row in the ledger alone: whoever writes to the database can put any value into a row, and
// signs none.
import type { LedgerEntry } from '../../../../shared/reports/report-row.ts';
import { statedEntryText } from '../../../../shared/reports/stated-entry.ts';
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import { isStatementOf } from '../../../../shared/transparency/verify-statement.ts';

/** Which part of a report or a session a value is. */
export type Part = 'id' | 'json' | OtherForm | 'root';

/** A form of a report besides its JSON, with a digest and a statement of its own. */
export type OtherForm = 'pdf' | 'csv';

/** `unsigned`: issued without a key. `unchecked`: this deployment has no key to check by. */
export type StatementState = 'signed' | 'unsigned' | 'forged' | 'unchecked';

/** What the statement over the JSON, the PDF or the CSV of a report is. */
export function checkStatement(
  log: AccountLog | null,
  accountId: string,
  { id: reportId, ...report }: LedgerEntry,
  subject: 'report' | OtherForm,
): StatementState {
  const { pdfStatement, pdfSha256Hex, csvStatement = null, csvSha256Hex } = report;
  const [statement, sha256Hex = null] = {
    report: [report.statement, report.jsonSha256Hex] as const,
    pdf: [pdfStatement, pdfSha256Hex] as const,
    csv: [csvStatement, csvSha256Hex] as const,
  }[subject];
  if (statement === null) return 'unsigned';
  if (!log) return 'unchecked';
  const stated = { subject, reportId, sha256Hex: sha256Hex ?? '' };
  return isStatementOf(log.identity, accountId, stated, statement) ? 'signed' : 'forged';
}

/** Whether the row bears a signature over what is this part of it: a statement is over one form, the entry's over all but PDF and CSV. */
export function isStated(log: AccountLog, accountId: string, report: LedgerEntry, part: Part): boolean {
  if (part === 'pdf' || part === 'csv') return checkStatement(log, accountId, report, part) === 'signed';
  if (part !== 'root' && checkStatement(log, accountId, report, 'report') === 'signed') return true;
  return statedEntryText(log.identity, accountId, report) !== null;
}
