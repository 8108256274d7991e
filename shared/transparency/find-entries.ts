// Looks for values in the signed part of an account log: rows can be removed or changed, the signed log cannot.
import { parseLogEntry } from './log-entry.ts';
import type { LoggedEntry, LogReader } from './log-reader.ts';
import { LOG_SEGMENT_SIZE } from './log-rows.ts';

/** Segments of 256 entries that are searched, the newest first, where the caller does not say from where on: some 6 MB. */
const SEARCHED = 40;

/** Members of entries: the name and the value, which is a hex digest or an id. */
export type Member = readonly [name: string, value: string];

/**
 * The entries under the newest checkpoint, proven, that state one of the members, the newest first; none where none is
 * signed. Looks through the entries from the index `from` on, by default through the newest 10,240. Rejects with `DamagedLog`
 * where the log contradicts its checkpoint, and with the driver's error.
 */
export async function* findEntries(
  reader: LogReader,
  accountId: string,
  members: readonly Member[],
  from?: number,
): AsyncGenerator<LoggedEntry> {
  // As canonical JSON writes them. No name of a policy can hold one: its quotes are escaped.
  const wanted = members.map(([name, value]) => `"${name}":"${value}"`);
  const size = (await reader.checkpoint(accountId))?.size ?? 0;
  const last = Math.ceil(size / LOG_SEGMENT_SIZE) - 1;
  const first = from === undefined ? Math.max(0, last - SEARCHED + 1) : Math.floor(from / LOG_SEGMENT_SIZE);
  for (let segment = last; segment >= first; segment -= 1) {
    const begin = segment * LOG_SEGMENT_SIZE;
    const entries = await reader.entries(accountId, segment, Math.min(LOG_SEGMENT_SIZE, size - begin));
    for (const [i, bytes] of [...entries.entries()].reverse()) {
      if (!wanted.some((member) => bytes.includes(member))) continue;
      const logged = await reader.entry(accountId, begin + i);
      if (logged) yield logged;
    }
  }
}

/**
 * The entry of a report, proven: the newest `report_issued` that names it. Null where the searched part has none. Rejects as
 * `findEntries`.
 */
export async function findReportEntry(
  reader: LogReader,
  accountId: string,
  reportId: string,
  from?: number,
): Promise<LoggedEntry | null> {
  const entries = findEntries(reader, accountId, [['report_id', reportId]], from);
  for await (const logged of entries) return logged;
  return null;
}

/**
 * The newest entry that a session was closed, proven, as `findReportEntry` of a report; where the searched part has none, the
 * newest that is noted for the session.
 */
export async function findClosedEntry(
  reader: LogReader,
  accountId: string,
  sessionId: string,
): Promise<LoggedEntry | null> {
  const isOwn = ({ text }: LoggedEntry) => {
    const entry = parseLogEntry(text);
    return entry?.kind === 'session_closed' && entry.session_id === sessionId;
  };
  const entries = findEntries(reader, accountId, [['session_id', sessionId]]);
  for await (const logged of entries) if (isOwn(logged)) return logged;
  const index = (await reader.placesOf(accountId, sessionId)).closed.at(-1);
  const noted = index === undefined ? null : await reader.entry(accountId, index);
  return noted && isOwn(noted) ? noted : null;
}
