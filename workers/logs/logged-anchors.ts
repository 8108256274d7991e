// The root that the account log fixed of a session, for the kernel to compare like a root that a report stated.
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { AccountLogs, LogReader } from '../../shared/reports/account-log.ts';
import { anchorOf, isUnderCheckpoint, readSessionClosed } from '../../shared/reports/session-evidence.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';

/** What the anchors are made of. */
export type EntryReader = Pick<LogReader, 'entryTexts' | 'closedIndexes'>;

/**
 * Each entry that the account log has of the session, and the one that its row names: whoever puts an older log back puts the
 * row back too, which names none, or an earlier one. `places` are its `closedIndexes`. None where the log has none; of a
 * damaged account log no audit log fails: the making of a report refuses it, and so does the next signing.
 */
export async function loggedAnchors(
  entries: EntryReader,
  log: LogRef,
  logIndex: number | null,
  places: readonly number[],
): Promise<Anchor[]> {
  return (await readEntries(entries, log, logIndex, places)).map(({ anchor }) => anchor);
}

type FoundEntry = Readonly<{ index: number; anchor: Anchor }>;

async function readEntries(
  entries: EntryReader,
  log: LogRef,
  logIndex: number | null,
  places: readonly number[],
): Promise<FoundEntry[]> {
  const named = logIndex === null ? places : [...places, logIndex];
  const indexes = [...new Set(named)].sort((a, b) => a - b);
  const texts = indexes.length === 0 ? [] : await entries.entryTexts(log.accountId, indexes);
  return indexes.flatMap((index, i) => {
    const entry = readSessionClosed(texts[i] ?? '', log);
    return entry ? [{ index, anchor: anchorOf(entry) }] : [];
  });
}

/**
 * As `loggedAnchors`, with whether the entry is under a signed checkpoint. Where none of an ended session is, looks through
 * the whole log for the last: whoever puts a false root into the ledger may take the index off the row as well.
 */
export async function weighedLoggedAnchors(
  logs: AccountLogs,
  log: LogRef,
  { logIndex, hasEnded }: Readonly<{ logIndex: number | null; hasEnded: boolean }>,
): Promise<Anchor[]> {
  const places = await logs.reader.closedIndexes(log.accountId, log.sessionId);
  const entries = await readEntries(logs.reader, log, logIndex, places);
  const proven = await Promise.all(entries.map(({ index }) => provenAnchors(logs, log, index)));
  if (proven.flat().length > 0) return proven.flat();
  const found = hasEnded ? await provenAnchors(logs, log, await findLastEntry(logs.reader, log)) : [];
  return found.length > 0 ? found : entries.map(({ anchor }) => ({ ...anchor, isSigned: false }));
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
      if (index < size && text.includes(log.sessionId) && readSessionClosed(text, log)) found = index;
    }
  } catch (error) {
    if (!(error instanceof DamagedLog)) throw error;
  }
  return found;
}
