// Reads the segments of one log in order, a bounded batch at a time.
import type { Collection, Db } from 'mongodb';
import { readSegment, SEGMENTS, type StoredSegment, segmentId } from './segment.ts';

/**
 * Segments read at a time: about half a megabyte of usual entries. Larger batches are no faster, and outlive the young
 * generation: their bytes then wait for a full collection, and memory grows with the log after all.
 */
export const SEGMENT_BATCH = 4;

/** One entry, `bytes[begin, end)`. */
export type StoredEntry = Readonly<{ bytes: Buffer; begin: number; end: number }>;

export type SegmentReader = Readonly<{
  /** Those of the segments with these indexes that exist, ascending. */
  read(accountId: string, sessionId: string, indexes: readonly number[]): Promise<StoredSegment[]>;
  /** Indexes of all the log's segments, ascending, whatever lies between. */
  list(accountId: string, sessionId: string): Promise<number[]>;
}>;

export function createSegmentReader(db: Db): SegmentReader {
  const collection: Collection<{ _id: string }> = db.collection(SEGMENTS);
  return {
    async read(accountId, sessionId, indexes) {
      const ids = indexes.map((index) => segmentId(accountId, sessionId, index));
      const documents = (await collection
        .find({ _id: { $in: ids } }, { projection: { entries: 1 }, batchSize: ids.length + 1, raw: true })
        .toArray()) as unknown as Uint8Array[];
      return documents.map(readSegment).sort((a, b) => a.index - b.index);
    },

    async list(accountId, sessionId) {
      const prefix = segmentId(accountId, sessionId, 0).slice(0, -1);
      // '0' is the character after '/', so this is every id with the prefix.
      const range = { $gte: prefix, $lt: `${prefix.slice(0, -1)}0` };
      const rows = await collection
        .find({ _id: range }, { projection: { _id: 1 }, batchSize: 10_000 })
        .toArray();
      return rows
        .map(({ _id }) => _id.slice(prefix.length))
        .filter((text) => /^(0|[1-9]\d{0,11})$/.test(text))
        .map(Number)
        .sort((a, b) => a - b);
    },
  };
}

/**
 * All of a log's entries in stored order, each valid until the next is asked for. The segments are listed first: one
 * that has a successor by then is full for good, so a log that is being appended to reads without a tear.
 */
export async function* readStoredEntries(
  reader: SegmentReader,
  accountId: string,
  sessionId: string,
): AsyncGenerator<StoredEntry> {
  const indexes = await reader.list(accountId, sessionId);
  for (let at = 0; at < indexes.length; at += SEGMENT_BATCH) {
    const segments = await reader.read(accountId, sessionId, indexes.slice(at, at + SEGMENT_BATCH));
    for (const { bytes, begins, ends } of segments) {
      for (const [i, begin] of begins.entries()) yield { bytes, begin, end: ends[i] as number };
    }
  }
}
