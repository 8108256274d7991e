// One batch of signed entries, written behind a log's tail.
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import type { LogTail } from '../log-store/segment-row.ts';
import type { SignedBatch } from './draft.ts';

/**
 * Writes a batch behind the tail, by one compare-and-swap. Returns the tail after it; null where it was another by
 * then.
 */
export async function writeBatch(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  tail: LogTail,
  { texts, headHashHex }: SignedBatch,
): Promise<LogTail | null> {
  const after = {
    headHashHex,
    closed: false,
    closing: null,
    lastEntry: texts.at(-1) ?? null,
    damaged: null,
  };
  if (tail.count < SEGMENT_SIZE) {
    const extended = await audit.extendTail(accountId, sessionId, tail, texts, headHashHex);
    return extended ? { ...after, index: tail.index, count: tail.count + texts.length } : null;
  }
  const index = tail.index + 1;
  const inserted = await audit.insertSegment(accountId, sessionId, index, texts, headHashHex);
  return inserted ? { ...after, index, count: texts.length } : null;
}

/** How many entries the next batch may have. */
export function roomAfter(tail: LogTail): number {
  return tail.count < SEGMENT_SIZE ? SEGMENT_SIZE - tail.count : SEGMENT_SIZE;
}
