// A segment's document as a writer sees it: its codec, and the tail of a log that is read from it.
import { BSON } from 'mongodb';
import type { ClosingFacts } from '../audit/closing.ts';
import { isTime } from '../time/is-time.ts';
import { readSegment, SEGMENT_SIZE, type StoredSegment } from './segment.ts';

/** A document of `audit_segments`. */
export type StoredSegmentRow = {
  _id: string;
  /** Canonical text of each entry, byte for byte what was signed: of a segment that is not packed. */
  entries?: string[] | null;
  /** The entries of one that is full or closed, in the form of `packEntries`. `entries` is null then. */
  packed?: Uint8Array;
  // Hints for appending, never evidence.
  count: number;
  head_hash: string;
  closed: boolean;
  /** On the last segment of a log that a writer closed; absent on others, and on that of an imported log. */
  closing?: StoredClosing;
};

/**
 * The fields of a packed segment. `entries` stays, as null: mongo-java-server drops the connection over a slice of a field
 * that is not there.
 */
export function inPackedForm(packed: Uint8Array): Required<Pick<StoredSegmentRow, 'entries' | 'packed'>> {
  return { entries: null, packed };
}

type StoredClosing = {
  ended_at: Date;
  status: string;
  stage_durations_ms: [stage: string, durationMs: number][] | null;
  mark: string;
};

/** What a close said of the session's end, and its mark (`shared/audit/closing.ts`), which is to be checked. */
export type Closing = Pick<ClosingFacts, 'endedAt' | 'status' | 'stageDurationsMs'> &
  Readonly<{ mark: string }>;

/** The last segment, where the log grows, as its own fields describe it: hints for appending, never evidence. */
export type LogTail = Readonly<{
  index: number;
  /** Entries of this segment. */
  count: number;
  headHashHex: string;
  closed: boolean;
  /** Null where no writer closed the log, or what stands there has another form. */
  closing: Closing | null;
  /** Null when the segment is empty. */
  lastEntry: string | null;
  /** The fault of a segment that no writer of ours wrote, at its first place: nothing may be built on it. Else null. */
  damaged: 'altered' | 'malformed' | null;
}>;

/** The tail that a last segment makes. The row may hold anything, and is read with its last entry at least. */
export function toTail(index: number, row: StoredSegmentRow): LogTail {
  const { count, head_hash: headHashHex, closed, closing } = row;
  const [lastEntry, problem] = readLast(row);
  const areHints =
    Number.isInteger(count) &&
    count >= 0 &&
    count <= SEGMENT_SIZE &&
    typeof headHashHex === 'string' &&
    typeof closed === 'boolean';
  const damaged = areHints ? problem : 'altered';
  // A damaged tail counts as closed, so that no writer tries to swap it again and again.
  const isClosed = closed || damaged !== null;
  return { index, count, headHashHex, closed: isClosed, closing: toClosing(closing), lastEntry, damaged };
}

/** The last entry, and what is wrong with the form in which the segment holds its entries. */
function readLast({ entries, packed, count, closed }: StoredSegmentRow): [string | null, LogTail['damaged']] {
  if (packed === undefined) return [toTexts(entries).at(-1) ?? null, null];
  const document = BSON.serialize({ packed, ...(entries != null && { entries }) });
  const last = entriesOf(readSegment(document)).at(-1)?.toString() ?? '';
  if (last === '') return [last, 'malformed'];
  // Only the swap that fills or closes a segment packs it.
  return [last, closed || count === SEGMENT_SIZE ? null : 'altered'];
}

/** The fields of a segment that say whether its log ends with it. */
export function toStoredEnd(closed: boolean | Closing): Pick<StoredSegmentRow, 'closed' | 'closing'> {
  if (typeof closed === 'boolean') return { closed };
  const { endedAt, status, stageDurationsMs, mark } = closed;
  const durations = stageDurationsMs?.map(([stage, ms]): [string, number] => [stage, ms]) ?? null;
  return { closed: true, closing: { ended_at: endedAt, status, stage_durations_ms: durations, mark } };
}

/** Checks the types alone: the row may hold anything. */
function toClosing(stored: unknown): Closing | null {
  const { ended_at: endedAt, status, stage_durations_ms: durations, mark } = (stored ?? {}) as StoredClosing;
  if (!isTime(endedAt)) return null;
  if (typeof status !== 'string' || typeof mark !== 'string') return null;
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && typeof pair[1] === 'number';
  if (durations !== null && !(Array.isArray(durations) && durations.every(isPair))) return null;
  return { endedAt, status, stageDurationsMs: durations, mark };
}

/** Returns an empty text for an element that is not a string. An empty text fails every check of an entry. */
function toTexts(entries: unknown): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown) => (typeof entry === 'string' ? entry : ''));
}

/** The bytes of each entry. */
export function entriesOf(segment: StoredSegment): Buffer[] {
  const { bytes, begins, ends } = segment.open();
  return begins.map((begin, i) => bytes.subarray(begin, ends[i]));
}
