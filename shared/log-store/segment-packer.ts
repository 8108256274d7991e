// Packs the segments that an earlier version stored as arrays, beside writers: only such as no writer changes any more,
// and only where what is read again is what was packed.
import { BSON, type Collection, type Db } from 'mongodb';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { packEntries, readSegment, SEGMENT_SIZE, SEGMENTS, segmentId } from './segment.ts';
import { entriesOf, inPackedForm, type StoredSegmentRow } from './segment-row.ts';

/** Bytes of a segment's document before and after it was packed. */
export type Packed = Readonly<{ before: number; after: number }>;

/** Segments that one query asks for. */
const BATCH = 256;

/** Packs segments of any account. */
export type SegmentPacker = ReturnType<typeof createSegmentPacker>;

/** Both methods reject with the driver's error when the database is away. */
export function createSegmentPacker(db: Db) {
  const segments: Collection<StoredSegmentRow> = evidenceCollection(db, SEGMENTS);
  return {
    /**
     * The segments of a log of `size` entries that are not packed although they are full or closed, by their indexes. An
     * empty one has nothing to pack.
     */
    async listUnpacked({ accountId, sessionId }: LogRef, size: number): Promise<number[]> {
      const count = Math.ceil(size / SEGMENT_SIZE);
      const found: number[] = [];
      for (let first = 0; first < count; first += BATCH) {
        const ids = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) =>
          segmentId(accountId, sessionId, first + i),
        );
        // By `_id` alone, and with the first entry: see `look` of the repository.
        const projection = { count: 1, closed: 1, entries: { $slice: 1 } };
        const stored = await segments
          .find({ _id: { $in: ids } }, { projection, batchSize: BATCH + 1 })
          .toArray();
        const rows = stored.filter(
          ({ entries, count, closed }) => entries?.length && (count === SEGMENT_SIZE || closed === true),
        );
        found.push(...rows.map(({ _id }) => first + ids.indexOf(_id)));
      }
      return found.sort((a, b) => a - b);
    },

    /**
     * Packs one segment, by the swap that writers make: none changes a segment that is full or closed. Null where the
     * packed form cannot hold its entries, or it is packed by now. Rejects where what was written reads otherwise.
     */
    async pack({ accountId, sessionId }: LogRef, index: number): Promise<Packed | null> {
      const _id = segmentId(accountId, sessionId, index);
      const row = await segments.findOne({ _id });
      if (!row?.entries || row.packed !== undefined) return null;
      const { entries, count, head_hash, closed } = row;
      if (entries.some((entry: unknown) => typeof entry !== 'string')) return null;
      const packed = packEntries(entries.map((text) => Buffer.from(text)));
      const isEnded = entries.length === SEGMENT_SIZE || closed === true;
      if (!packed || !isEnded || !holds({ _id, packed }, entries)) return null;
      const { modifiedCount } = await segments.updateOne(
        { _id, count, head_hash, closed },
        { $set: inPackedForm(packed) },
      );
      if (modifiedCount === 0) return null;
      const written = await segments.findOne({ _id });
      if (!written || !holds(written, entries))
        throw new Error(`The segment ${_id} reads otherwise than it was written`);
      return { before: BSON.calculateObjectSize(row), after: BSON.calculateObjectSize(written) };
    },
  };
}

/** Whether a document gives these entries, byte for byte. */
function holds(document: BSON.Document, entries: readonly string[]): boolean {
  const found = entriesOf(readSegment(BSON.serialize(document)));
  return (
    found.length === entries.length &&
    found.every((bytes, i) => bytes.equals(Buffer.from(entries[i] as string)))
  );
}
