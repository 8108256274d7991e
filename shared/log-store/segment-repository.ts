// The segments of audit logs in the database. Appends and reads only: no entry is updated, and none is deleted.
import type { Collection, Db } from 'mongodb';
import type { ClosingFacts } from '../audit/closing.ts';
import { evidenceCollection, type Freshness, readAt } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { SEGMENT_SIZE, SEGMENTS, segmentId } from './segment.ts';

type StoredSegmentRow = {
  _id: string;
  /** Canonical text of each entry, byte for byte what was signed. */
  entries: string[];
  // Hints for appending, never evidence.
  count: number;
  head_hash: string;
  closed: boolean;
  /** On the last segment of a log that a writer closed; absent on others, and on that of an imported log. */
  closing?: StoredClosing;
};

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
  /** A field is not of its type, so no writer of ours wrote it: nothing may be built on this segment. */
  damaged: boolean;
}>;

/** Indexes of `audit_segments`: mongo-java-server needs one for the filter of the swap, MongoDB none. */
export const SEGMENT_INDEXES: readonly IndexSpec[] = [
  {
    collection: SEGMENTS,
    key: { _id: 1, count: 1, head_hash: 1, closed: 1 },
    unique: true,
    emulatedOnly: true,
  },
];

/** Segments that one query for the tail reads, with the last entry of each. */
const PROBE = 4;

/** The segments of logs, for a writer. */
export type SegmentRepository = ReturnType<typeof createSegmentRepository>;

/**
 * All methods reject with the driver's error when the database is away; a write may then be stored or not. A write
 * resolves to false, and writes nothing, if another writer was first.
 */
export function createSegmentRepository(db: Db) {
  const segments: Collection<StoredSegmentRow> = evidenceCollection(db, SEGMENTS);

  /** Reads the segments that follow each other from `begin` on, at most `PROBE`. */
  async function look(
    accountId: string,
    sessionId: string,
    begin: number,
    fresh: Freshness,
  ): Promise<LogTail[]> {
    const ids = Array.from({ length: PROBE }, (_, i) => segmentId(accountId, sessionId, begin + i));
    const projection = { count: 1, head_hash: 1, closed: 1, closing: 1, entries: { $slice: -1 } };
    const options = { projection, batchSize: PROBE + 1, ...readAt(fresh) };
    const rows = await segments.find({ _id: { $in: ids } }, options).toArray();
    const byId = new Map(rows.map((row) => [row._id, row]));
    const found: LogTail[] = [];
    for (const [i, id] of ids.entries()) {
      const row = byId.get(id);
      if (!row) break;
      found.push(toTail(begin + i, row));
    }
    return found;
  }

  return {
    /**
     * The last segment of a log of fewer than `PROBE` segments, by one query. Undefined for a log that may be longer,
     * null for one without a segment.
     */
    async findTailOfShort(
      accountId: string,
      sessionId: string,
      fresh: Freshness,
    ): Promise<LogTail | null | undefined> {
      const found = await look(accountId, sessionId, 0, fresh);
      return found.length < PROBE ? (found.at(-1) ?? null) : undefined;
    },

    /** The last of the segments that follow each other from `fromIndex` on; null when there is none at `fromIndex`. */
    async findTail(
      accountId: string,
      sessionId: string,
      fromIndex: number,
      fresh: Freshness = 'durable',
    ): Promise<LogTail | null> {
      let tail: LogTail | null = null;
      for (let begin = fromIndex; ; begin += PROBE) {
        const found = await look(accountId, sessionId, begin, fresh);
        tail = found.at(-1) ?? tail;
        if (found.length < PROBE) return tail;
      }
    },

    /**
     * Entries of one segment, from position `begin` within it, which is at most the number of its entries. Empty when
     * there is no segment with this index.
     */
    async readEntries(accountId: string, sessionId: string, index: number, begin = 0): Promise<string[]> {
      // mongo-java-server answers a slice that begins after the array's end with an error, MongoDB with an empty array.
      const entries = begin === 0 ? 1 : { $slice: [begin, SEGMENT_SIZE] };
      const _id = segmentId(accountId, sessionId, index);
      const row = await segments.findOne({ _id }, { projection: { entries } });
      return toTexts(row?.entries);
    },

    /**
     * Appends entries to the tail by compare-and-swap. False if the tail has changed since it was found. Rejects with a
     * RangeError for more entries than the segment has room for.
     */
    async extendTail(
      accountId: string,
      sessionId: string,
      tail: LogTail,
      entries: readonly string[],
      headHashHex: string,
    ): Promise<boolean> {
      if (tail.count + entries.length > SEGMENT_SIZE) throw new RangeError('A batch never crosses a segment');
      const { modifiedCount } = await segments.updateOne(tailFilter(accountId, sessionId, tail), {
        $push: { entries: { $each: [...entries] } },
        $set: { count: tail.count + entries.length, head_hash: headHashHex },
      });
      return modifiedCount === 1;
    },

    /**
     * Inserts the segment that follows a full one. False if another writer was first. Rejects with a RangeError for
     * more entries than a segment holds.
     */
    async insertSegment(
      accountId: string,
      sessionId: string,
      index: number,
      entries: readonly string[],
      headHashHex: string,
      closed: boolean | Closing = false,
    ): Promise<boolean> {
      if (entries.length > SEGMENT_SIZE) throw new RangeError('A batch never crosses a segment');
      return insertRow(segments, {
        _id: segmentId(accountId, sessionId, index),
        entries: [...entries],
        count: entries.length,
        head_hash: headHashHex,
        ...toStoredEnd(closed),
      });
    },

    /** Closes a tail that is not full, by compare-and-swap. False if the tail has changed since it was found. */
    async closeTail(
      accountId: string,
      sessionId: string,
      tail: LogTail,
      closed: true | Closing = true,
    ): Promise<boolean> {
      const { modifiedCount } = await segments.updateOne(tailFilter(accountId, sessionId, tail), {
        $set: toStoredEnd(closed),
      });
      return modifiedCount === 1;
    },
  };
}

function toTail(
  index: number,
  { count, head_hash: headHashHex, closed, closing, entries }: StoredSegmentRow,
): LogTail {
  const damaged =
    !(Number.isInteger(count) && count >= 0 && count <= SEGMENT_SIZE) ||
    typeof headHashHex !== 'string' ||
    typeof closed !== 'boolean';
  // A damaged tail counts as closed, so that no writer tries to swap it again and again.
  return {
    index,
    count,
    headHashHex,
    closed: closed || damaged,
    closing: toClosing(closing),
    lastEntry: toTexts(entries).at(-1) ?? null,
    damaged,
  };
}

function toStoredEnd(closed: boolean | Closing): Pick<StoredSegmentRow, 'closed' | 'closing'> {
  if (typeof closed === 'boolean') return { closed };
  const { endedAt, status, stageDurationsMs, mark } = closed;
  const durations = stageDurationsMs?.map(([stage, ms]): [string, number] => [stage, ms]) ?? null;
  return { closed: true, closing: { ended_at: endedAt, status, stage_durations_ms: durations, mark } };
}

/** Checks the types alone: the row may hold anything. */
function toClosing(stored: unknown): Closing | null {
  const { ended_at: endedAt, status, stage_durations_ms: durations, mark } = (stored ?? {}) as StoredClosing;
  if (!(endedAt instanceof Date) || Number.isNaN(endedAt.getTime())) return null;
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

function tailFilter(accountId: string, sessionId: string, tail: LogTail) {
  const _id = segmentId(accountId, sessionId, tail.index);
  return { _id, count: tail.count, head_hash: tail.headHashHex, closed: false };
}
