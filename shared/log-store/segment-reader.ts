// Reads the segments of one log in order, a bounded batch at a time, as bytes.
import type { Collection, Db } from 'mongodb';
import type { StoredEntry } from '../audit/name-fault.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { readSegment, SEGMENTS, type StoredSegment, segmentId } from './segment.ts';

/**
 * Segments read at a time: about half a megabyte of common entries. Larger batches are no faster, and their bytes
 * outlive the young generation: they wait for a full garbage collection, and memory grows with the log.
 */
export const SEGMENT_BATCH = 4;

/** Reads segments as bytes, without making a string of an entry. */
export type SegmentReader = Readonly<{
  /** The segments with these indexes, in ascending order. Leaves out an index without a segment. */
  read(accountId: string, sessionId: string, indexes: readonly number[]): Promise<StoredSegment[]>;
  /** The first `count` segments of each of these logs, by the log's session, in ascending order of indexes. */
  readFirst(
    accountId: string,
    sessionIds: readonly string[],
    count: number,
  ): Promise<ReadonlyMap<string, StoredSegment[]>>;
  /** The indexes of all stored segments of the log, in ascending order. A missing segment leaves a hole. */
  list(accountId: string, sessionId: string): Promise<number[]>;
}>;

/** Makes a reader on a database. Both methods reject with the driver's error when the database is away. */
export function createSegmentReader(db: Db): SegmentReader {
  const collection: Collection<{ _id: string }> = evidenceCollection(db, SEGMENTS);

  async function readAll(ids: string[]): Promise<StoredSegment[]> {
    const options = { projection: { entries: 1, packed: 1 }, batchSize: ids.length + 1, raw: true };
    const documents = await collection.find({ _id: { $in: ids } }, options).toArray();
    const segments = (documents as unknown as Uint8Array[]).map(readSegment);
    return segments.sort((a, b) => a.index - b.index);
  }

  return {
    read: (accountId, sessionId, indexes) =>
      readAll(indexes.map((index) => segmentId(accountId, sessionId, index))),

    async readFirst(accountId, sessionIds, count) {
      const indexes = Array.from({ length: count }, (_, index) => index);
      const ids = sessionIds.flatMap((id) => indexes.map((index) => segmentId(accountId, id, index)));
      const logs = new Map(sessionIds.map((id): [string, StoredSegment[]] => [id, []]));
      for (const segment of await readAll(ids)) logs.get(segment.id.split('/')[1] ?? '')?.push(segment);
      return logs;
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
 * All entries of a log in stored order. The bytes of an entry are valid until the next entry is asked for. Lists the
 * segments first, then reads them. A segment with a successor in the list is full and stays so, hence a log that is
 * being appended to is read without a gap. Calls `beforeBatch`, which may throw, before each read. Rejects with the
 * driver's error when the database is away.
 */
export async function* readStoredEntries(
  reader: SegmentReader,
  accountId: string,
  sessionId: string,
  beforeBatch: () => void = () => {},
): AsyncGenerator<StoredEntry> {
  const indexes = await reader.list(accountId, sessionId);
  for (let at = 0; at < indexes.length; at += SEGMENT_BATCH) {
    beforeBatch();
    const segments = await reader.read(accountId, sessionId, indexes.slice(at, at + SEGMENT_BATCH));
    for (const segment of segments) {
      const { bytes, begins, ends } = segment.open();
      for (const [i, begin] of begins.entries()) yield { bytes, begin, end: ends[i] as number };
    }
  }
}
