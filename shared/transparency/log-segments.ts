// Reads and appends the segments of an account log.
import { Binary, type Collection, type Db } from 'mongodb';
import { binaryAt, elementsOf, packEntries, readSegment } from '../log-store/segment.ts';
import { entriesOf, inPackedForm } from '../log-store/segment-row.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { LOG_SEGMENT_SIZE, LOG_SEGMENTS, logSegmentId, type StoredLogSegment } from './log-rows.ts';

/** A segment of an account log. */
export type LogSegment = Readonly<{
  index: number;
  entries: readonly Buffer[];
  /** What `segmentText` says, signed by a key of the log; null where nothing of that form is stored. */
  signature: Uint8Array | null;
}>;

/** The segment at the end of a log; segment 0 without entries for an empty log. */
export type LogTail = LogSegment &
  Readonly<{
    /** Entries of the log. */
    size: number;
  }>;

/** Segments read at a time. */
const BATCH = 16;

/** The segments of an account's log. */
export type LogSegments = ReturnType<typeof createLogSegments>;

/** All methods reject with the driver's error when the database is away. */
export function createLogSegments(db: Db) {
  const segments: Collection<StoredLogSegment> = evidenceCollection(db, LOG_SEGMENTS);

  async function read(
    accountId: string,
    indexes: readonly number[],
  ): Promise<ReadonlyMap<number, LogSegment>> {
    if (indexes.length === 0) return new Map();
    const documents = await segments
      .find(
        { _id: { $in: indexes.map((index) => logSegmentId(accountId, index)) } },
        { projection: { entries: 1, packed: 1, signature: 1 }, batchSize: indexes.length + 1, raw: true },
      )
      .toArray();
    const found = (documents as unknown as Uint8Array[]).map(toSegment);
    return new Map(found.map((segment) => [segment.index, segment]));
  }

  async function* readOn(accountId: string, fromIndex = 0): AsyncGenerator<LogSegment> {
    for (let next = fromIndex; ; next += BATCH) {
      const indexes = Array.from({ length: BATCH }, (_, i) => next + i);
      const found = await read(accountId, indexes);
      for (const index of indexes) {
        const segment = found.get(index);
        if (!segment) return;
        yield segment;
        if (segment.entries.length !== LOG_SEGMENT_SIZE) return;
      }
    }
  }

  return {
    /** The segments with these indexes; one that is missing is left out. */
    read,

    /** The segments from `fromIndex` on, in order, until one is missing or not full. */
    readOn,

    /** Where the log ends, looked for from a size that it had once. */
    async findTail(accountId: string, knownSize: number): Promise<LogTail> {
      let last: LogSegment = { index: 0, entries: [], signature: null };
      const from = Math.max(0, Math.ceil(knownSize / LOG_SEGMENT_SIZE) - 1);
      for await (const segment of readOn(accountId, from)) last = segment;
      return { ...last, size: last.index * LOG_SEGMENT_SIZE + last.entries.length };
    },

    /** The indexes of all segments, as their ids have them: whoever writes to the database may have added any. */
    async listIndexes(accountId: string): Promise<string[]> {
      const [begin, end] = [`${accountId}/`, `${accountId}0`];
      // '0' follows '/'.
      const filter = { _id: { $gte: begin, $lt: end } };
      const rows = segments.find(filter, { projection: { _id: 1 }, batchSize: 10_000 });
      return (await rows.toArray()).map(({ _id }) => _id.slice(begin.length));
    },

    /**
     * Puts a segment in the place of the tail, which it extends, or behind a full one. False, and nothing is written,
     * where the log ends elsewhere by now.
     */
    async replaceTail(accountId: string, tail: LogTail, next: LogSegment): Promise<boolean> {
      const _id = logSegmentId(accountId, next.index);
      const { entries, signature } = next;
      const packed = entries.length === LOG_SEGMENT_SIZE ? packEntries(entries) : null;
      const stored = {
        count: entries.length,
        signature: new Binary(signature ?? new Uint8Array(0)),
        ...(packed ? inPackedForm(packed) : { entries: entries.map(String) }),
      };
      const extendsTail = next.index === tail.index && tail.entries.length > 0;
      if (!extendsTail) return await insertRow(segments, { _id, account_id: accountId, ...stored });
      // The swap is on the entries that were read, and not on `count`: where that is damaged no swap would ever be made.
      const end = tail.entries.length;
      const isTail = {
        _id,
        [`entries.${end - 1}`]: String(tail.entries[end - 1]),
        [`entries.${end}`]: { $exists: false },
      };
      const { modifiedCount } = await segments.updateOne(isTail as object, { $set: stored });
      return modifiedCount === 1;
    },
  };
}

/** Reads each segment once. For one question about one log: a segment that is read again may have grown. */
export function readingOnce({ read }: Pick<LogSegments, 'read'>): Pick<LogSegments, 'read'> {
  const known = new Map<number, Promise<LogSegment | undefined>>();
  return {
    async read(accountId, indexes) {
      const unknown = indexes.filter((index) => !known.has(index));
      const reading = read(accountId, unknown);
      for (const index of unknown)
        known.set(
          index,
          reading.then((found) => found.get(index)),
        );
      const found = await Promise.all(indexes.map((index) => known.get(index)));
      return new Map(found.flatMap((segment) => (segment ? [[segment.index, segment]] : [])));
    },
  };
}

/** The segment that holds the next entries behind a tail, and how many of them it takes. Without a signature. */
export function segmentAfter(
  tail: LogTail,
  texts: readonly string[],
): Readonly<{ index: number; entries: readonly Buffer[]; taken: number }> {
  const isFull = tail.entries.length >= LOG_SEGMENT_SIZE;
  const before = isFull ? [] : tail.entries;
  const taken = texts.slice(0, LOG_SEGMENT_SIZE - before.length);
  return {
    index: isFull ? tail.index + 1 : tail.index,
    entries: [...before, ...taken.map((text) => Buffer.from(text))],
    taken: taken.length,
  };
}

function toSegment(document: Uint8Array): LogSegment {
  const segment = readSegment(document);
  return { index: segment.index, entries: entriesOf(segment), signature: signatureIn(document) };
}

/** Read in the document's bytes: to decode the document is to decode every entry once more. */
function signatureIn(document: Uint8Array): Uint8Array | null {
  for (const [type, nameOffset, nameLength, offset, length] of elementsOf(document, 0)) {
    const name = Buffer.from(document.subarray(nameOffset, nameOffset + nameLength)).toString('latin1');
    if (name !== 'signature') continue;
    const stored = binaryAt(document, { type, offset, length });
    return stored && Uint8Array.from(stored);
  }
  return null;
}
