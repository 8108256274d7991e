// Statements of reports: the text of the note in which a log's key says that a report was issued with these bytes.
import { isId } from '../audit/ids.ts';

import { decodeBase64, encodeBase64 } from './exact-text.ts';
import { isReportTime } from './exact-times.ts';
import { isKeyName } from './verifier-key.ts';

/** What is stated of a report. */
export type Statement = Readonly<{
  reportId: string;
  /** Over the bytes of the report's JSON, 32 bytes. */
  jsonSha256: Uint8Array;
  /** As the report's JSON has it. */
  generatedAt: string;
  /** The log's name, which is also the name of its key. */
  origin: string;
}>;

/** The first line. It is no origin of a log, and five lines are no checkpoint: neither is taken for the other. */
const HEADER = 'masker-evidence/report/v1';
const LINES = 5;
const SHA256_SIZE = 32;

/** The text of the note: five lines. */
export function formatStatement({ reportId, jsonSha256, generatedAt, origin }: Statement): string {
  return `${[HEADER, reportId, encodeBase64(jsonSha256), generatedAt, origin].join('\n')}\n`;
}

/** What a note's text states of a report; null for a text that is no statement. */
export function parseStatement(noteText: string): Statement | null {
  const [header, reportId, sha256Text = '', generatedAt = '', origin = '', ...rest] = noteText.split(
    '\n',
    LINES + 2,
  );
  if (header !== HEADER || rest.length !== 1 || rest[0] !== '') return null;
  const jsonSha256 = decodeBase64(sha256Text);
  if (!isId('report', reportId) || jsonSha256?.length !== SHA256_SIZE) return null;
  if (!isReportTime(generatedAt) || !isKeyName(origin)) return null;
  return { reportId, jsonSha256, generatedAt, origin };
}
