import type { StoredSegment } from '../../shared/log-store/segment.ts';
import { SEGMENT_BATCH, type SegmentReader } from '../../shared/log-store/segment-reader.ts';

/** Passes a log's segments to `take` in order. Reads them in a walk's batches, one batch after the other. */
export async function readSegments(
  reader: SegmentReader,
  accountId: string,
  sessionId: string,
  take: (segment: StoredSegment) => void,
): Promise<void> {
  for (let next = 0; ; next += SEGMENT_BATCH) {
    const indexes = Array.from({ length: SEGMENT_BATCH }, (_, i) => next + i);
    const segments = await reader.read(accountId, sessionId, indexes);
    for (const segment of segments) take(segment);
    if (segments.length < SEGMENT_BATCH) return;
  }
}
