// What is signed of a report by its row in the ledger alone: whoever writes to the database can put any value into a row, and
// signs none.
import type { LedgerEntry } from '../../../../shared/reports/report-row.ts';
import { statedEntryText } from '../../../../shared/reports/stated-entry.ts';
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import { parseNote } from '../../../../shared/transparency/note.ts';
import { parseStatement } from '../../../../shared/transparency/statement.ts';
import { isStatementOf } from '../../../../shared/transparency/verify-statement.ts';

/** Which part of a report or a session a value is. */
export type Part = 'id' | 'json' | OtherForm | 'root';

/** A form of a report besides its JSON, with a digest and a statement of its own. */
export type OtherForm = 'pdf' | 'csv';

type Form = 'report' | OtherForm;

/**
 * `misdated`: signed, and issued at another time than the row says. `unsigned`: issued without a key. `unchecked`: this
 * deployment has no key to check by.
 */
export type StatementState = 'signed' | 'misdated' | 'unsigned' | 'forged' | 'unchecked';

/** What the statement over the JSON, the PDF or the CSV of a report is. */
export function checkStatement(
  log: AccountLog | null,
  accountId: string,
  report: LedgerEntry,
  form: Form,
): StatementState {
  if (statementOf(report, form).statement === null) return 'unsigned';
  if (!log) return 'unchecked';
  const at = readTime(log, accountId, report, form);
  if (at === null) return 'forged';
  return at.getTime() === report.generatedAt.getTime() ? 'signed' : 'misdated';
}

/** When a report was issued, by the first of its statements that holds; null where none does. */
export function statedTime(log: AccountLog, accountId: string, report: LedgerEntry): Date | null {
  const forms = ['report', 'pdf', 'csv'] as const;
  return forms.map((form) => readTime(log, accountId, report, form)).find((at) => at !== null) ?? null;
}

/** Whether the row bears a signature over what is this part of it: a statement is over one form, the entry's over all but PDF and CSV. */
export function isStated(log: AccountLog, accountId: string, report: LedgerEntry, part: Part): boolean {
  const isOver = (form: Form) => readTime(log, accountId, report, form) !== null;
  if (part === 'pdf' || part === 'csv') return isOver(part);
  if (part !== 'root' && isOver('report')) return true;
  return statedEntryText(log.identity, accountId, report) !== null;
}

/** The time in the statement over a form; null where that is none of this deployment's over what the row has. */
function readTime({ identity }: AccountLog, accountId: string, report: LedgerEntry, form: Form): Date | null {
  const { statement, sha256Hex } = statementOf(report, form);
  if (statement === null) return null;
  const stated = { subject: form, reportId: report.id, sha256Hex: sha256Hex ?? '' };
  if (!isStatementOf(identity, accountId, stated, statement)) return null;
  const said = parseStatement(form, parseNote(statement)?.text ?? '');
  return said && new Date(said.generatedAt);
}

function statementOf(report: LedgerEntry, form: Form) {
  const {
    statement,
    jsonSha256Hex,
    pdfStatement,
    pdfSha256Hex,
    csvStatement = null,
    csvSha256Hex = null,
  } = report;
  return {
    report: { statement, sha256Hex: jsonSha256Hex },
    pdf: { statement: pdfStatement, sha256Hex: pdfSha256Hex },
    csv: { statement: csvStatement, sha256Hex: csvSha256Hex },
  }[form];
}
