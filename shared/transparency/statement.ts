// Statements of reports: the text of the note in which a log's key says that a report, or its PDF or CSV, was issued with
// these bytes, or that an order for one was taken.
import { isId } from '../audit/ids.ts';

import { decodeBase64, encodeBase64 } from './exact-text.ts';
import { isReportTime } from './exact-times.ts';
import { isKeyName } from './verifier-key.ts';

/**
 * What a statement is about: a report's JSON, the PDF or CSV that was issued of it, the text of its entry in the account
 * log, or the order for it, which is never handed out.
 */
export type StatementSubject = 'report' | 'pdf' | 'csv' | 'entry' | 'order';

/** What is stated of a report. */
export type Statement = Readonly<{
  reportId: string;
  /** Over the subject's bytes, 32 bytes. */
  sha256: Uint8Array;
  /** As the report's JSON has it; of an order, when it was taken. */
  generatedAt: string;
  /** The log's name, which is also the name of its key. */
  origin: string;
}>;

/**
 * The first line. It is no origin of a log, and five lines are no checkpoint: neither is taken for the other. Nor is a
 * statement about one subject taken for one about another.
 */
const HEADERS = {
  report: 'masker-evidence/report/v1',
  pdf: 'masker-evidence/pdf/v1',
  csv: 'masker-evidence/csv/v1',
  entry: 'masker-evidence/entry/v1',
  order: 'masker-evidence/order/v1',
} as const satisfies Record<StatementSubject, string>;
const LINES = 5;
const SHA256_SIZE = 32;

/** The text of the note: five lines. Throws a RangeError for what `parseStatement` would not take. */
export function formatStatement(
  subject: StatementSubject,
  { reportId, sha256, generatedAt, origin }: Statement,
): string {
  const text = `${[HEADERS[subject], reportId, encodeBase64(sha256), generatedAt, origin].join('\n')}\n`;
  if (parseStatement(subject, text) === null) throw new RangeError(`Not a statement about a ${subject}`);
  return text;
}

/** What a note's text states of a report; null for a text that is no statement about this. */
export function parseStatement(subject: StatementSubject, noteText: string): Statement | null {
  const [header, reportId, sha256Text = '', generatedAt = '', origin = '', ...rest] = noteText.split(
    '\n',
    LINES + 2,
  );
  if (header !== HEADERS[subject] || rest.length !== 1 || rest[0] !== '') return null;
  const sha256 = decodeBase64(sha256Text);
  if (!isId('report', reportId) || sha256?.length !== SHA256_SIZE) return null;
  if (!isReportTime(generatedAt) || !isKeyName(origin)) return null;
  return { reportId, sha256, generatedAt, origin };
}
