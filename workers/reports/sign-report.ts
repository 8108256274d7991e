import type { Attachment } from '../../shared/reports/attachments.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import type { SignStatement } from '../../shared/transparency/statement-signer.ts';
import type { MadeReport } from './report-orders.ts';

/** The statement over a report's JSON, and the files of its PDF with it. Null where nothing is signed. */
export async function signReport(
  signStatement: SignStatement,
  accountId: string,
  { id: reportId, jsonSha256Hex, generatedAt, attachments }: MadeReport,
): Promise<Readonly<{ statement: string | null; attachments: readonly Attachment[] }>> {
  // The time as the JSON has it, which the statement repeats.
  const stated = { reportId, jsonSha256Hex, generatedAt: presentTime(generatedAt) };
  const statement = await signStatement(accountId, stated);
  if (statement === null) return { statement, attachments };
  const note = { name: 'report.note', bytes: new TextEncoder().encode(statement) } as const;
  return { statement, attachments: [...attachments, note] };
}
