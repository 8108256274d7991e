// The walk of one range of a stored log. Segments come in bounded batches, so memory does not grow with a log.
import { setImmediate } from 'node:timers/promises';
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { SEGMENT_SIZE, type StoredSegment } from '../../shared/log-store/segment.ts';
import { SEGMENT_BATCH, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { isStopped } from '../threads/stop-flag.ts';
import type { RangeOutcome, RangeTask } from './log-tasks.ts';

export type WalkDeps = Readonly<{ reader: SegmentReader; keyring: Keyring }>;

/**
 * Segments read at a time. One batch is read while another is hashed, so that both together fill the memory allowed.
 */
export const RANGE_BATCH = SEGMENT_BATCH / 2;

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
  const firstIndex = begin / SEGMENT_SIZE;
  const firstAfter = Math.ceil(Math.min(end, until ?? end) / SEGMENT_SIZE);
  const countAt = (index: number) => Math.min(RANGE_BATCH, firstAfter - index);
  let complete = true;
  let ahead = first ?? readBatch(reader, log, firstIndex, countAt(firstIndex));
  for (let next = firstIndex; next < firstAfter && complete; next += RANGE_BATCH) {
    if (isStopped(task.stop)) return { kind: 'stopped' };
    const { indexes } = ahead;
    const segments = await ahead.segments;
    complete = indexes.length === segments.length && segments.every(isFull);
    if (!complete && !(last && canEnd(segments, next))) return { kind: 'irregular' };
    if (complete && next + RANGE_BATCH < firstAfter) {
      ahead = readBatch(reader, log, next + RANGE_BATCH, countAt(next + RANGE_BATCH));
      // Lets the request leave before hashing occupies this thread.
      await setImmediate();
    }
    for (const segment of segments) {
      const { bytes, begins, ends } = until === null ? segment : headOf(segment, until - walker.end);
      if (walker.stepAll(bytes, begins, ends)) return { kind: 'irregular' };
    }
  }
  // The log is shorter than recorded. Only a walk of the whole log tells a cut from a hole.
  if (snapshotSizes.some((size) => size > walker.end)) return { kind: 'irregular' };
  return { kind: 'walked', range: walker.finish(), more: last && complete && walker.end !== until };
}

export function isFull({ begins }: StoredSegment): boolean {
  return begins.length === SEGMENT_SIZE;
}

/** Whether a log may end with these segments: none is missing, and all but the last are full. */
export function canEnd(segments: readonly StoredSegment[], firstIndex: number): boolean {
  return segments.every(
    (segment, i) =>
      segment.index === firstIndex + i &&
      (i < segments.length - 1 ? isFull(segment) : segment.begins.length <= SEGMENT_SIZE),
  );
}

function headOf({ bytes, begins, ends }: StoredSegment, count: number) {
  const size = Math.max(0, count);
  return { bytes, begins: begins.slice(0, size), ends: ends.slice(0, size) };
}
