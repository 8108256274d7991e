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
  const pdfSha256Hex = hash('sha256', pdf);
  const stated = { subject: 'pdf', sha256Hex: pdfSha256Hex, ...reportIn(report) } as const;
  return { pdfSha256Hex, pdfStatement: await signStatement(accountId, stated) };
}

/** As `signPdf`, of a CSV. Empty where none was made. */
export async function signCsv(
  signStatement: SignStatement,
  accountId: string,
  report: Pick<MadeReport, 'id' | 'generatedAt'>,
  csv: Uint8Array | undefined,
): Promise<Pick<LedgerEntry, 'csvSha256Hex' | 'csvStatement'>> {
  if (csv === undefined) return {};
  const csvSha256Hex = hash('sha256', csv);
  const stated = { subject: 'csv', sha256Hex: csvSha256Hex, ...reportIn(report) } as const;
  const csvStatement = await signStatement(accountId, stated);
  return { csvSha256Hex, ...(csvStatement !== null && { csvStatement }) };
}

/** A report as its statements name it: with the time as the JSON has it, which they repeat. */
function reportIn({ id: reportId, generatedAt }: Pick<MadeReport, 'id' | 'generatedAt'>) {
  return { reportId, generatedAt: presentTime(generatedAt) };
}
