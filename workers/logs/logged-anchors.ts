// The root that the account log fixed of a session, for the kernel to compare like a root that a report stated.
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { LogReader } from '../../shared/reports/account-log.ts';
import { anchorOf, readSessionClosed } from '../../shared/reports/session-evidence.ts';

export type EntryReader = Pick<LogReader, 'entryTexts'>;

/**
 * None where the session has no entry, or where its row names what is not its entry: of a damaged account log no audit
 * log fails. The making of a report refuses it, and so does the next signing.
 */
export async function loggedAnchors(
  entries: EntryReader | null,
  log: LogRef,
  logIndex: number | null,
): Promise<Anchor[]> {
  if (entries === null || logIndex === null) return [];
  const [text] = await entries.entryTexts(log.accountId, [logIndex]);
  const entry = text ? readSessionClosed(text, log) : null;
  return entry ? [anchorOf(entry)] : [];
}
