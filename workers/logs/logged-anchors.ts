// The root that the account log fixed of a session, for the kernel to compare like a root that a report stated.
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { AccountLogs, LogReader } from '../../shared/reports/account-log.ts';
import { anchorOf, isUnderCheckpoint, readSessionClosed } from '../../shared/reports/session-evidence.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';

type EntryReader = Pick<LogReader, 'entryTexts'>;

/**
 * None where the session has no entry, or where its row names what is not its entry: of a damaged account log no audit
 * log fails. The making of a report refuses it, and so does the next signing.
 */
export async function loggedAnchors(
  entries: EntryReader,
  log: LogRef,
  logIndex: number | null,
): Promise<Anchor[]> {
  if (logIndex === null) return [];
  const [text] = await entries.entryTexts(log.accountId, [logIndex]);
  const entry = text ? readSessionClosed(text, log) : null;
  return entry ? [anchorOf(entry)] : [];
}

/**
 * As `loggedAnchors`, with whether the entry is under a signed checkpoint. Where the row of an ended session names none that is,
 * looks through the whole log for the last: whoever puts a false root into the ledger may take the index off the row as well.
 */
export async function weighedLoggedAnchors(
  logs: AccountLogs,
  log: LogRef,
  { logIndex, hasEnded }: Readonly<{ logIndex: number | null; hasEnded: boolean }>,
): Promise<Anchor[]> {
  const named = await loggedAnchors(logs.reader, log, logIndex);
  const proven = await provenAnchors(logs, log, logIndex);
  if (proven.length > 0) return proven;
  const found = hasEnded ? await provenAnchors(logs, log, await findLastEntry(logs.reader, log)) : [];
  return found.length > 0 ? found : named.map((anchor) => ({ ...anchor, isSigned: false }));
}

async function provenAnchors(
  { reader, keys }: AccountLogs,
  log: LogRef,
  logIndex: number | null,
): Promise<Anchor[]> {
  const logged = await reader.sessionEvidence(log.accountId, logIndex);
  const entry = logged && readSessionClosed(logged.sessionClosed, log);
  if (!entry || !isUnderCheckpoint(logged, keys, log.accountId)) return [];
  return [{ ...anchorOf(entry), isSigned: true }];
}

/** The index of the session's last entry under the checkpoint; null where there is none, or the log lacks entries. */
async function findLastEntry(reader: LogReader, log: LogRef): Promise<number | null> {
  const size = (await reader.checkpoint(log.accountId))?.size ?? 0;
  let found: number | null = null;
  try {
    for await (const { index, text } of reader.listSessionClosed(log.accountId, size)) {
      if (text.includes(log.sessionId) && readSessionClosed(text, log)) found = index;
    }
  } catch (error) {
    if (!(error instanceof DamagedLog)) throw error;
  }
  return found;
}
