// The roots that the account log fixed of a session, for the kernel to compare like roots that reports stated.
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { AccountLogs, LogReader } from '../../shared/reports/account-log.ts';
import {
  anchorOf,
  isUnderCheckpoint,
  readAboutSession,
  readSessionClosed,
} from '../../shared/reports/session-evidence.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import type { SessionPlaces } from '../../shared/transparency/log-places.ts';

/** What the anchors are made of. */
export type EntryReader = Pick<LogReader, 'entryTexts' | 'placesOf'>;

/** Where entries about a session may be. */
type Named = Readonly<{ logIndex: number | null; places: SessionPlaces }>;

/**
 * Each entry that the account log has of the session's end, and the one that its row names: whoever puts an older log back
 * puts the row back too, which names none, or an earlier one. Then the report that saw the most of the log.
 * None where the log has none; of a damaged account log no audit log
 * fails: the making of a report refuses it, and so does the next signing.
 */
export async function loggedAnchors(entries: EntryReader, log: LogRef, named: Named): Promise<Anchor[]> {
  return (await readEntries(entries, log, named)).map(({ anchor }) => anchor);
}

type FoundEntry = Readonly<{ index: number; anchor: Anchor }>;

async function readEntries(
  entries: EntryReader,
  log: LogRef,
  { logIndex, places: { closed, reported } }: Named,
): Promise<FoundEntry[]> {
  const named = [...closed, logIndex, reported?.index ?? null];
  const indexes = [...new Set(named.filter((index) => index !== null))].sort((a, b) => a - b);
  const texts = indexes.length === 0 ? [] : await entries.entryTexts(log.accountId, indexes);
  return indexes.flatMap((index, i) => {
    const entry = readAboutSession(texts[i] ?? '', log);
    return entry ? [{ index, anchor: anchorOf(entry) }] : [];
  });
}

/**
 * As `loggedAnchors`, with whether the entry is under a signed checkpoint. Where none on the end of an ended session is, looks
 * through the whole log for the last: whoever puts a false root into the ledger may take the index off the row as well.
 */
export async function weighedLoggedAnchors(
  logs: AccountLogs,
  log: LogRef,
  { hasEnded, ...named }: Named & Readonly<{ hasEnded: boolean }>,
): Promise<Anchor[]> {
  const entries = await readEntries(logs.reader, log, named);
  const weighed = await Promise.all(
    entries.map(
      async ({ index, anchor }) => (await provenAnchor(logs, log, index)) ?? { ...anchor, isSigned: false },
    ),
  );
  const isEndProven = weighed.some(({ isSigned, sealed }) => isSigned && sealed !== undefined);
  if (!hasEnded || isEndProven) return weighed;
  const last = await provenAnchor(logs, log, await findLastEntry(logs.reader, log));
  return last ? [...weighed, last] : weighed;
}

/** Null where no signed checkpoint covers the entry. */
async function provenAnchor(
  { reader, keys }: AccountLogs,
  log: LogRef,
  logIndex: number | null,
): Promise<Anchor | null> {
  const logged = await reader.sessionEvidence(log.accountId, logIndex);
  const entry = logged && readAboutSession(logged.sessionClosed, log);
  if (!entry || !isUnderCheckpoint(logged, keys, log.accountId)) return null;
  return { ...anchorOf(entry), isSigned: true };
}

/** The index of the session's last entry under the checkpoint; null where there is none, or the log lacks entries. */
async function findLastEntry(reader: LogReader, log: LogRef): Promise<number | null> {
  const size = (await reader.checkpoint(log.accountId))?.size ?? 0;
  let found: number | null = null;
  try {
    for await (const { index, text } of reader.listAboutSessions(log.accountId, { size, roots: [] })) {
      if (index < size && text.includes(log.sessionId) && readSessionClosed(text, log)) found = index;
    }
  } catch (error) {
    if (!(error instanceof DamagedLog)) throw error;
  }
  return found;
}
