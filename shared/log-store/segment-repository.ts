// The segments of audit logs in the database. Appends and reads only: no entry is updated, and none is deleted. The swap
// that fills or closes a segment packs it.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection, type Freshness, readAt } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import {
  packEntries,
  readSegment,
  SEGMENT_SIZE,
  SEGMENTS,
  type StoredSegment,
  segmentId,
} from './segment.ts';
import {
  type Closing,
  entriesOf,
  inPackedForm,
  type LogTail,
  type StoredSegmentRow,
  toStoredEnd,
  toTail,
} from './segment-row.ts';

/** Segments that one query for the tail reads. */
const PROBE = 4;

const HINTS = { count: 1, head_hash: 1, closed: 1, closing: 1 } as const;

/** The segments of logs, for a writer. */
export type SegmentRepository = ReturnType<typeof createSegmentRepository>;

/**
 * All methods reject with the driver's error when the database is away; a write may then be stored or not. A write
 * resolves to false, and writes nothing, if another writer was first.
 */
export function createSegmentRepository(db: Db) {
  const segments: Collection<StoredSegmentRow> = evidenceCollection(db, SEGMENTS);

  /** Reads the segments that follow each other from `begin` on, at most `PROBE`: their number, and the last of them. */
  async function look(
    accountId: string,
    sessionId: string,
    begin: number,
    fresh: Freshness,
  ): Promise<{ found: number; last: StoredSegmentRow | undefined }> {
    const ids = Array.from({ length: PROBE }, (_, i) => segmentId(accountId, sessionId, begin + i));
    const projection = { ...HINTS, entries: { $slice: -1 } };
    const rows = await segments
      .find({ _id: { $in: ids } }, { projection, batchSize: PROBE + 1, ...readAt(fresh) })
      .toArray();
    const byId = new Map(rows.map((row) => [row._id, row]));
    const gap = ids.findIndex((id) => !byId.has(id));
    const found = gap < 0 ? PROBE : gap;
    return { found, last: byId.get(ids[found - 1] as string) };
  }

  /** The tail that a row of `look` makes. One that is packed is read again, whole: no writer changes it. */
  async function tailOf(index: number, row: StoredSegmentRow, fresh: Freshness): Promise<LogTail | null> {
    if (Array.isArray(row.entries)) return toTail(index, row);
    const projection = { ...HINTS, packed: 1, entries: 1 };
    const whole = await segments.findOne({ _id: row._id }, { projection, ...readAt(fresh) });
    return whole && toTail(index, whole);
  }

  /**
   * Null when there is no segment with this index. `begin`: the position from which to read one that is not packed. Raw,
   * since the driver's texts are not the stored bytes where those are no UTF-8.
   */
  async function readOne(
    accountId: string,
    sessionId: string,
    index: number,
    { begin = 0, fresh = 'durable' }: Readonly<{ begin?: number; fresh?: Freshness }> = {},
  ): Promise<StoredSegment | null> {
    // mongo-java-server answers a slice that begins after the array's end with an error, MongoDB with an empty array.
    const entries = begin === 0 ? 1 : { $slice: [begin, SEGMENT_SIZE] };
    const _id = segmentId(accountId, sessionId, index);
    const options = { projection: { entries, packed: 1 }, raw: true, ...readAt(fresh) };
    const document = await segments.findOne({ _id }, options);
    return document && readSegment(document as unknown as Uint8Array);
  }

  /**
   * The tail's entries and `added`, packed. Null where the tail has other entries by now, or such as the packed form
   * cannot hold: they stay as they are stored, and a walk names what is wrong.
   */
  async function packTail(
    accountId: string,
    sessionId: string,
    tail: LogTail,
    added: readonly string[] = [],
  ): Promise<Buffer | null> {
    const segment =
      tail.count === 0 ? null : await readOne(accountId, sessionId, tail.index, { fresh: 'latest' });
    const held = segment ? entriesOf(segment) : [];
    return held.length === tail.count
      ? packEntries([...held, ...added.map((text) => Buffer.from(text))])
      : null;
  }

  return {
    /**
     * The last segment of a log of fewer than `PROBE` segments, by one query, or two where it is packed. Undefined for a
     * log that may be longer, null for one without a segment.
     */
    async findTailOfShort(
      accountId: string,
      sessionId: string,
      fresh: Freshness,
    ): Promise<LogTail | null | undefined> {
      const { found, last } = await look(accountId, sessionId, 0, fresh);
      if (found === PROBE) return undefined;
      return last ? await tailOf(found - 1, last, fresh) : null;
    },

    /** The last of the segments that follow each other from `fromIndex` on; null when there is none at `fromIndex`. */
    async findTail(
      accountId: string,
      sessionId: string,
      fromIndex: number,
      fresh: Freshness = 'durable',
    ): Promise<LogTail | null> {
      let tail: [index: number, row: StoredSegmentRow] | null = null;
      for (let begin = fromIndex; ; begin += PROBE) {
        const { found, last } = await look(accountId, sessionId, begin, fresh);
        if (last) tail = [begin + found - 1, last];
        if (found < PROBE) return tail && (await tailOf(...tail, fresh));
      }
    },

    /**
     * Entries of one segment, from position `begin` within it, which is at most the number of its entries. Empty when
     * there is no segment with this index. A segment that cannot be unpacked has one empty entry.
     */
    async readEntries(accountId: string, sessionId: string, index: number, begin = 0): Promise<string[]> {
      const segment = await readOne(accountId, sessionId, index, { begin });
      const entries = segment ? entriesOf(segment) : [];
      return (segment?.isPacked ? entries.slice(begin) : entries).map(String);
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
      const count = tail.count + entries.length;
      if (count > SEGMENT_SIZE) throw new RangeError('A batch never crosses a segment');
      const packed = count === SEGMENT_SIZE ? await packTail(accountId, sessionId, tail, entries) : null;
      const hints = { count, head_hash: headHashHex };
      const update = packed
        ? { $set: { ...inPackedForm(packed), ...hints } }
        : { $push: { entries: { $each: [...entries] } }, $set: hints };
      const { modifiedCount } = await segments.updateOne(tailFilter(accountId, sessionId, tail), update);
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
      const isOpen = closed === false && entries.length < SEGMENT_SIZE;
      const packed = isOpen ? null : packEntries(entries.map((text) => Buffer.from(text)));
      return insertRow(segments, {
        _id: segmentId(accountId, sessionId, index),
        ...(packed ? inPackedForm(packed) : { entries: [...entries] }),
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
      const packed = await packTail(accountId, sessionId, tail);
      const { modifiedCount } = await segments.updateOne(tailFilter(accountId, sessionId, tail), {
        $set: { ...toStoredEnd(closed), ...(packed && inPackedForm(packed)) },
      });
      return modifiedCount === 1;
    },
  };
}

function tailFilter(accountId: string, sessionId: string, tail: LogTail) {
  const _id = segmentId(accountId, sessionId, tail.index);
  return { _id, count: tail.count, head_hash: tail.headHashHex, closed: false };
}
