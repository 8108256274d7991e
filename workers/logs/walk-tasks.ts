// The walks that a thread runs over stored logs. Segments come in bounded batches, so memory does not grow with a log.
import { setImmediate } from 'node:timers/promises';
import type { AuditKey, Keyring } from '../../shared/audit/audit-keys.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { nameFault } from '../../shared/audit/name-fault.ts';
import { SEGMENT_SIZE, type StoredSegment } from '../../shared/log-store/segment.ts';
import {
  readStoredEntries,
  SEGMENT_BATCH,
  type SegmentReader,
} from '../../shared/log-store/segment-reader.ts';
import type { LogRef, RangeOutcome, RangeTask, StopFlag, WholeOutcome, WholeTask } from '../reports/tasks.ts';

export type WalkDeps = Readonly<{ reader: SegmentReader; keyring: Keyring }>;

/** Read at a time in a range. The next batch is on its way while one is hashed: two hold what memory has room for. */
const RANGE_BATCH = SEGMENT_BATCH / 2;

/** Segments on their way, of the indexes that were asked for. */
type Batch = Readonly<{ indexes: readonly number[]; segments: Promise<StoredSegment[]> }>;

/** Asks for the segments from index `next` on that one batch holds, up to `firstAfter`. */
export function readBatch(
  reader: SegmentReader,
  { accountId, sessionId }: Pick<LogRef, 'accountId' | 'sessionId'>,
  next: number,
  firstAfter: number,
): Batch {
  const indexes = Array.from({ length: Math.min(RANGE_BATCH, firstAfter - next) }, (_, i) => next + i);
  const segments = reader.read(accountId, sessionId, indexes);
  // Whoever gives up does not wait for what was read ahead.
  segments.catch(() => {});
  return { indexes, segments };
}

/**
 * Walks one range of a log on the assumption that all is well, and gives up at the first sign that it is not. `first` is
 * the range's first batch, where it is on its way already.
 */
export async function walkRange(
  { reader, keyring }: WalkDeps,
  task: RangeTask,
  first?: Batch,
): Promise<RangeOutcome> {
  const { log, begin, end, last } = task;
  const key = findKey(keyring, log);
  if (!key) return { kind: 'unknown_key' };
  const walker = new LogWalker(log, key.hasher, { begin, snapshotSizes: task.snapshotSizes });
  const firstAfter = end / SEGMENT_SIZE;
  let complete = true;
  let ahead = first ?? readBatch(reader, log, begin / SEGMENT_SIZE, firstAfter);
  for (let next = begin / SEGMENT_SIZE; next < firstAfter && complete; next += RANGE_BATCH) {
    if (isStopped(task.stop)) return { kind: 'stopped' };
    const { indexes } = ahead;
    const segments = await ahead.segments;
    complete = indexes.length === segments.length && segments.every(isFull);
    if (!complete && !(last && endsWell(segments, next))) return { kind: 'irregular' };
    if (complete && next + RANGE_BATCH < firstAfter) {
      ahead = readBatch(reader, log, next + RANGE_BATCH, firstAfter);
      // Sends the request before the hashing keeps this thread to itself.
      await setImmediate();
    }
    for (const { bytes, begins, ends } of segments) {
      if (walker.stepAll(bytes, begins, ends)) return { kind: 'irregular' };
    }
  }
  // Shorter than it was once recorded: whether it was cut or has a hole shows only in the whole.
  if (task.snapshotSizes.some((size) => size > walker.end)) return { kind: 'irregular' };
  return { kind: 'walked', range: walker.finish(), more: last && complete };
}

/** Walks a whole log in order, whatever its segments look like, and names the first thing wrong. */
export async function walkWhole({ reader, keyring }: WalkDeps, task: WholeTask): Promise<WholeOutcome> {
  const { accountId, sessionId } = task.log;
  const key = findKey(keyring, task.log);
  if (!key) return { kind: 'unknown_key' };
  const stored = () => readStoredEntries(reader, accountId, sessionId);
  const walker = new LogWalker(task.log, key.hasher, { snapshotSizes: task.snapshotSizes });
  for await (const { bytes, begin, end } of stored()) {
    if (walker.end % SEGMENT_SIZE === 0 && isStopped(task.stop)) return { kind: 'stopped' };
    const fault = walker.step(bytes, begin, end);
    if (fault) return { kind: 'failed', verdict: await nameFault(fault, stored) };
  }
  return { kind: 'walked', range: walker.finish() };
}

export function findKey(keyring: Keyring, log: LogRef): AuditKey | null {
  return keyring.find(log.keyId, log.keyCheck);
}

export function isStopped(stop: StopFlag): boolean {
  return Atomics.load(stop, 0) !== 0;
}

function isFull({ begins }: StoredSegment): boolean {
  return begins.length === SEGMENT_SIZE;
}

/** Whether a log may end here: no hole, and only the last segment not full. */
function endsWell(segments: readonly StoredSegment[], firstIndex: number): boolean {
  return segments.every(
    (segment, i) =>
      segment.index === firstIndex + i &&
      (i < segments.length - 1 ? isFull(segment) : segment.begins.length <= SEGMENT_SIZE),
  );
}
