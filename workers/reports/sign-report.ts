import { hash } from 'node:crypto';
import type { Attachment } from '../../shared/reports/attachments.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import type { SignStatement } from '../../shared/transparency/statement-signer.ts';
import type { MadeReport } from './report-orders.ts';

/** The statement over a report's JSON, and the files of its PDF with it. Null where nothing is signed. */
export async function signReport(
  signStatement: SignStatement,
  accountId: string,
  { id, jsonSha256Hex, generatedAt, attachments }: MadeReport,
): Promise<Readonly<{ statement: string | null; attachments: readonly Attachment[] }>> {
  const stated = { subject: 'report', sha256Hex: jsonSha256Hex, ...reportIn({ id, generatedAt }) } as const;
  const statement = await signStatement(accountId, stated);
  if (statement === null) return { statement, attachments };
  const note = { name: 'report.note', bytes: new TextEncoder().encode(statement) } as const;
  return { statement, attachments: [...attachments, note] };
}

/** What the ledger records of the PDF that was printed of a report: its digest under a statement. Null where none was. */
export async function signPdf(
  signStatement: SignStatement,
  accountId: string,
  report: Pick<MadeReport, 'id' | 'generatedAt'>,
  pdf: Uint8Array | null,
): Promise<Pick<LedgerEntry, 'pdfSha256Hex' | 'pdfStatement'>> {
  if (pdf === null) return { pdfSha256Hex: null, pdfStatement: null };
  const { sha256Hex, statement } = await signFile(signStatement, accountId, 'pdf', report, pdf);
  return { pdfSha256Hex: sha256Hex, pdfStatement: statement };
}

/** As `signPdf`, of a CSV. Empty where none was made. */
export async function signCsv(
  signStatement: SignStatement,
  accountId: string,
  report: Pick<MadeReport, 'id' | 'generatedAt'>,
  csv: Uint8Array | undefined,
): Promise<Pick<LedgerEntry, 'csvSha256Hex' | 'csvStatement'>> {
  if (csv === undefined) return {};
  const { sha256Hex, statement } = await signFile(signStatement, accountId, 'csv', report, csv);
  return { csvSha256Hex: sha256Hex, ...(statement !== null && { csvStatement: statement }) };
}

/** The digest of a report's other form, and the statement over it. */
async function signFile(
  signStatement: SignStatement,
  accountId: string,
  subject: 'pdf' | 'csv',
  report: Pick<MadeReport, 'id' | 'generatedAt'>,
  bytes: Uint8Array,
): Promise<Readonly<{ sha256Hex: string; statement: string | null }>> {
  const sha256Hex = hash('sha256', bytes);
  const statement = await signStatement(accountId, { subject, sha256Hex, ...reportIn(report) });
  return { sha256Hex, statement };
}

/** A report as its statements name it: with the time as the JSON has it, which they repeat. */
function reportIn({ id: reportId, generatedAt }: Pick<MadeReport, 'id' | 'generatedAt'>) {
  return { reportId, generatedAt: presentTime(generatedAt) };
}
