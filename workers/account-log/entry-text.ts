// Entries at their places in an account log.
import type { LogEntry, LogEntryOf } from '../../shared/transparency/log-entry.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegments } from '../../shared/transparency/log-segments.ts';

/** An entry at its place in the log. */
export type EntryText = Readonly<{
  entry: LogEntry;
  text: string;
  index: number;
  /** Its subject's row names it since: a keeper has marked every row up to here. */
  isMarked: boolean;
}>;

/** An entry of one kind. */
export type EntryTextOf<Kind extends LogEntry['kind']> = EntryText & Readonly<{ entry: LogEntryOf<Kind> }>;

/** How many rows of a collection name the very entry that holds them. */
export type NamedRightly = Record<'sessions' | 'reports' | 'policies', number>;

/** The entries of one kind. */
export function ofKind<Kind extends LogEntry['kind']>(
  page: readonly EntryText[],
  kind: Kind,
): EntryTextOf<Kind>[] {
  return page.filter((each): each is EntryTextOf<Kind> => each.entry.kind === kind);
}

/** How findings name an entry. */
export function entryOf(index: number): string {
  return `entry ${index} of the account log`;
}

/** The text of an entry; null where there is none. */
export async function textAt(
  segments: Pick<LogSegments, 'read'>,
  accountId: string,
  index: number,
): Promise<string | null> {
  const at = Math.floor(index / LOG_SEGMENT_SIZE);
  const segment = (await segments.read(accountId, [at])).get(at);
  return segment?.entries[index % LOG_SEGMENT_SIZE]?.toString() ?? null;
}
