// Stored audit segments. They are appended to and read: there is no update of an entry, and no delete.
import type { Collection, Db } from 'mongodb';
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
};

/** The last segment: where the log grows. */
export type LogTail = Readonly<{
  index: number;
  count: number;
  headHashHex: string;
  closed: boolean;
  /** Null when the segment is empty. */
  lastEntry: string | null;
  /** Somebody else wrote here: nothing may be built on what is not even of its type. */
  damaged: boolean;
}>;

export const SEGMENT_INDEXES: readonly IndexSpec[] = [
  {
    collection: SEGMENTS,
    key: { _id: 1, count: 1, head_hash: 1, closed: 1 },
    unique: true,
    emulatedOnly: true,
  },
];

/** How many segments a look for the tail reads ahead. */
const PROBE = 4;

export type SegmentRepository = ReturnType<typeof createSegmentRepository>;

export function createSegmentRepository(db: Db) {
  const segments: Collection<StoredSegmentRow> = db.collection(SEGMENTS);

  return {
    /** The last segment at or after `fromIndex`, or null when there is none there. */
    async findTail(accountId: string, sessionId: string, fromIndex: number): Promise<LogTail | null> {
      let tail: LogTail | null = null;
      for (let begin = fromIndex; ; begin += PROBE) {
        const ids = Array.from({ length: PROBE }, (_, i) => segmentId(accountId, sessionId, begin + i));
        const rows = await segments
          .find(
            { _id: { $in: ids } },
            {
              projection: { count: 1, head_hash: 1, closed: 1, entries: { $slice: -1 } },
              batchSize: PROBE + 1,
            },
          )
          .toArray();
        const byId = new Map(rows.map((row) => [row._id, row]));
        for (const [i, id] of ids.entries()) {
          const row = byId.get(id);
          if (!row) return tail;
          tail = toTail(begin + i, row);
        }
      }
    },

    /** Entries of one segment, from position `begin` within it; empty when there is no such segment. */
    async readEntries(accountId: string, sessionId: string, index: number, begin = 0): Promise<string[]> {
      const row = await segments.findOne(
        { _id: segmentId(accountId, sessionId, index) },
        { projection: { entries: 1 } },
      );
      return toTexts(row?.entries).slice(begin);
    },

    /**
     * Appends entries to the tail by compare-and-swap; false if it is no longer as it was found. The entries must fit
     * into the segment.
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

    /** Inserts the segment that follows a full one; false if another writer was first. */
    async insertSegment(
      accountId: string,
      sessionId: string,
      index: number,
      entries: readonly string[],
      headHashHex: string,
      closed = false,
    ): Promise<boolean> {
      if (entries.length > SEGMENT_SIZE) throw new RangeError('A batch never crosses a segment');
      return insertRow(segments, {
        _id: segmentId(accountId, sessionId, index),
        entries: [...entries],
        count: entries.length,
        head_hash: headHashHex,
        closed,
      });
    },

    /** Closes the tail, which must not be full, by compare-and-swap; false if it is no longer as it was found. */
    async closeTail(accountId: string, sessionId: string, tail: LogTail): Promise<boolean> {
      const { modifiedCount } = await segments.updateOne(tailFilter(accountId, sessionId, tail), {
        $set: { closed: true },
      });
      return modifiedCount === 1;
    },
  };
}

function toTail(
  index: number,
  { count, head_hash: headHashHex, closed, entries }: StoredSegmentRow,
): LogTail {
  const damaged =
    !(Number.isInteger(count) && count >= 0 && count <= SEGMENT_SIZE) ||
    typeof headHashHex !== 'string' ||
    typeof closed !== 'boolean';
  // A damaged tail counts as closed, so that nobody tries to swap it for ever.
  return {
    index,
    count,
    headHashHex,
    closed: closed || damaged,
    lastEntry: toTexts(entries).at(-1) ?? null,
    damaged,
  };
}

/** What is no text is given as an empty one, which fails every check of an entry. */
function toTexts(entries: unknown): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown) => (typeof entry === 'string' ? entry : ''));
}

function tailFilter(accountId: string, sessionId: string, tail: LogTail) {
  const _id = segmentId(accountId, sessionId, tail.index);
  return { _id, count: tail.count, head_hash: tail.headHashHex, closed: false };
}
