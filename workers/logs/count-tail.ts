// Counts what was appended to a log since it was counted last. Every entry is checked as in a report's walk, and has
// to follow the one that was counted last.
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { SEGMENT_BATCH } from '../../shared/log-store/segment-reader.ts';
import type { TailOutcome, TailTask } from '../reports/tasks.ts';
import { findKey, isStopped, type WalkDeps } from './walk-tasks.ts';

/** Segments that one task reads at most, so that others get their turn. */
const SEGMENTS_AT_MOST = 32;

export async function countTail({ reader, keyring }: WalkDeps, task: TailTask): Promise<TailOutcome> {
  const { log, begin, headHashHex, stop } = task;
  const key = findKey(keyring, log);
  if (!key) return { kind: 'unknown_key' };
  const walker = new LogWalker(log, key.hasher, { begin, listedLimit: 0 });
  const first = Math.floor(begin / SEGMENT_SIZE);
  let more = true;
  for (let at = first; more && at < first + SEGMENTS_AT_MOST; at += SEGMENT_BATCH) {
    if (isStopped(stop)) return { kind: 'stopped' };
    const indexes = Array.from({ length: SEGMENT_BATCH }, (_, i) => at + i);
    const segments = await reader.read(log.accountId, log.sessionId, indexes);
    // What was counted is there no more.
    if (at === first && begin % SEGMENT_SIZE > 0 && segments.length === 0) return { kind: 'irregular' };
    for (const { index, bytes, begins, ends } of segments) {
      const skipped = index === first ? begin % SEGMENT_SIZE : 0;
      // Only the last segment may not be full, and none may be missing.
      if (index * SEGMENT_SIZE + skipped !== walker.end) return { kind: 'irregular' };
      if (begins.length < skipped || begins.length > SEGMENT_SIZE) return { kind: 'irregular' };
      if (walker.stepAll(bytes, begins.slice(skipped), ends.slice(skipped))) return { kind: 'irregular' };
    }
    more = walker.end === (at + SEGMENT_BATCH) * SEGMENT_SIZE;
  }
  const range = walker.finish();
  if (range.end === begin) return { kind: 'counted', end: begin, headHashHex, counts: range.counts, more };
  if (range.prevHashHex !== headHashHex) return { kind: 'irregular' };
  return { kind: 'counted', end: range.end, headHashHex: range.headHashHex, counts: range.counts, more };
}
