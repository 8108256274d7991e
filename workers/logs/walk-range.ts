// The walk of one range of a stored log. Segments come in bounded batches, so memory does not grow with a log.
import { setImmediate } from 'node:timers/promises';
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { SEGMENT_SIZE, type SegmentEntries, type StoredSegment } from '../../shared/log-store/segment.ts';
import { SEGMENT_BATCH, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { isStopped } from '../threads/stop-flag.ts';
import type { RangeOutcome, RangeTask } from './log-tasks.ts';

export type WalkDeps = Readonly<{ reader: SegmentReader; keyring: Keyring }>;

/**
 * Segments read at a time. One batch is read while another is hashed, so that both together fill the memory allowed.
 */
export const RANGE_BATCH = SEGMENT_BATCH / 2;

/** Packed segments, of a sixth of the bytes, read at a time. Each is unpacked when its turn comes. */
const PACKED_BATCH = 8;

/** A read of segments that has been started, and the indexes asked for. */
export type Batch = Readonly<{ indexes: readonly number[]; segments: Promise<StoredSegment[]> }>;

/** Starts to read `count` segments from index `first` on. */
export function readBatch(reader: SegmentReader, log: LogRef, first: number, count = RANGE_BATCH): Batch {
  const indexes = Array.from({ length: count }, (_, i) => first + i);
  const segments = reader.read(log.accountId, log.sessionId, indexes);
  // A caller that gives up never awaits the batch that was read ahead.
  segments.catch(() => {});
  return { indexes, segments };
}

/**
 * Walks one range on the assumption that the log is intact, and gives up at the first sign that it is not. `first` is
 * the range's first batch, where its read has been started already.
 */
export async function walkRange(
  { reader, keyring }: WalkDeps,
  task: RangeTask,
  first?: Batch,
): Promise<RangeOutcome> {
  const { log, begin, end, last, until, listed } = task;
  const { key } = keyring.find(log);
  if (!key) return { kind: 'irregular' };
  const { snapshotSizes } = task;
  const walker = new LogWalker(log, key.hasher, { begin, snapshotSizes, listedLimit: listed });
  const firstAfter = Math.ceil(Math.min(end, until ?? end) / SEGMENT_SIZE);
  let next = begin / SEGMENT_SIZE;
  let complete = true;
  let ahead = first ?? readBatch(reader, log, next, Math.min(RANGE_BATCH, firstAfter - next));
  while (next < firstAfter && complete) {
    if (isStopped(task.stop)) return { kind: 'stopped' };
    const { indexes } = ahead;
    const segments = await ahead.segments;
    next += indexes.length;
    if (segments.length === indexes.length && next < firstAfter) {
      ahead = readBatch(reader, log, next, Math.min(batchAfter(segments), firstAfter - next));
      // Lets the request leave before hashing occupies this thread.
      await setImmediate();
    }
    for (const segment of segments) {
      // Only the last may not be full, and none may be missing.
      if (!complete || segment.index * SEGMENT_SIZE !== walker.end) return { kind: 'irregular' };
      const entries = segment.open();
      complete = entries.begins.length === SEGMENT_SIZE;
      if (entries.begins.length > SEGMENT_SIZE || !(complete || last)) return { kind: 'irregular' };
      const { bytes, begins, ends } = until === null ? entries : headOf(entries, until - walker.end);
      if (walker.stepAll(bytes, begins, ends)) return { kind: 'irregular' };
    }
    complete &&= segments.length === indexes.length;
    if (!complete && !last) return { kind: 'irregular' };
  }
  // The log is shorter than recorded. Only a walk of the whole log tells a cut from a hole.
  if (snapshotSizes.some((size) => size > walker.end)) return { kind: 'irregular' };
  return { kind: 'walked', range: walker.finish(), more: last && complete && walker.end !== until };
}

/** As many segments again as fit into the memory that the first ones were to take. */
function batchAfter(segments: readonly StoredSegment[]): number {
  return segments.every(({ isPacked }) => isPacked) ? PACKED_BATCH : RANGE_BATCH;
}

function headOf({ bytes, begins, ends }: SegmentEntries, count: number): SegmentEntries {
  const size = Math.max(0, count);
  return { bytes, begins: begins.slice(0, size), ends: ends.slice(0, size) };
}
