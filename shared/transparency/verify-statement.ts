import { type LogIdentity, logKeys } from './log-origin.ts';
import { isSignedBy, parseNote } from './note.ts';
import { parseStatement } from './statement.ts';
import type { Stated } from './statement-signer.ts';

/**
 * Whether a signed note is the statement of a report, or of its PDF, under a key of this deployment: whoever writes to the
 * database cannot make one.
 */
export function isStatementOf(
  identity: LogIdentity,
  accountId: string,
  { subject, reportId, sha256Hex }: Omit<Stated, 'generatedAt'>,
  statement: string,
): boolean {
  const note = parseNote(statement);
  const stated = note && parseStatement(subject, note.text);
  if (!note || !stated) return false;
  return (
    stated.reportId === reportId &&
    Buffer.from(stated.sha256).toString('hex') === sha256Hex &&
    logKeys(identity, accountId).some((key) => key.name === stated.origin && isSignedBy(note, key))
  );
}
