import { type LogIdentity, logKeys } from './log-origin.ts';
import { isSignedBy, parseNote } from './note.ts';
import { parseStatement } from './statement.ts';

/**
 * Whether a signed note is the statement of a report under a key of this deployment: whoever writes to the database cannot
 * make one.
 */
export function isStatementOf(
  identity: LogIdentity,
  accountId: string,
  { id, jsonSha256Hex }: Readonly<{ id: string; jsonSha256Hex: string }>,
  statement: string,
): boolean {
  const note = parseNote(statement);
  const stated = note && parseStatement(note.text);
  if (!note || !stated) return false;
  return (
    stated.reportId === id &&
    Buffer.from(stated.jsonSha256).toString('hex') === jsonSha256Hex &&
    logKeys(identity, accountId).some((key) => key.name === stated.origin && isSignedBy(note, key))
  );
}
