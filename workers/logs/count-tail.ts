// Counts the entries that were appended to a log after the last count. Every entry is checked as in a report's walk,
// and the first must follow the last one counted.
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { LogCounts } from '../../shared/audit/verdict.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { SEGMENT_BATCH } from '../../shared/log-store/segment-reader.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';
import type { SignedLog } from './log-tasks.ts';
import type { WalkDeps } from './walk-range.ts';

export type TailTask = Readonly<{
  log: SignedLog;
  /** Entries counted so far: the tail begins at this position. */
  begin: number;
  /** Hex hash of the entry before it; 64 zeros for none. */
  headHashHex: string;
  stop: StopFlag;
}>;

export type TailOutcome =
  /** `more` if the log may go on beyond what one task reads. */
  | Readonly<{ kind: 'counted'; end: number; headHashHex: string; counts: LogCounts; more: boolean }>
  /** The tail does not follow the counts, or its key is not configured: the whole log has to be verified. */
  | Readonly<{ kind: 'irregular' }>
  | Readonly<{ kind: 'stopped' }>;

/** Segments that one task may read, so that other callers get their turn. */
const SEGMENTS_AT_MOST = 32;

/** Counts from where the session's counts end. */
export function tailTask(
  { accountId, id, agentId, startedAt, log, aggregate }: Session,
  stop: StopFlag,
): TailTask {
  const { keyId, keyCheck, headHashHex } = log;
  return {
    log: { accountId, sessionId: id, agentId, startedAt, keyId, keyCheck },
    begin: aggregate.throughSeq + 1,
    headHashHex,
    stop,
  };
}

export async function countTail({ reader, keyring }: WalkDeps, task: TailTask): Promise<TailOutcome> {
  const { log, begin, headHashHex, stop } = task;
  const { key } = keyring.find(log);
  if (!key) return { kind: 'irregular' };
  const walker = new LogWalker(log, key.hasher, { begin, listedLimit: 0 });
  const first = Math.floor(begin / SEGMENT_SIZE);
  let more = true;
  for (let at = first; more && at < first + SEGMENTS_AT_MOST; at += SEGMENT_BATCH) {
    if (isStopped(stop)) return { kind: 'stopped' };
    const indexes = Array.from({ length: SEGMENT_BATCH }, (_, i) => at + i);
    const segments = await reader.read(log.accountId, log.sessionId, indexes);
    // Counted entries have disappeared.
    if (at === first && begin % SEGMENT_SIZE > 0 && segments.length === 0) return { kind: 'irregular' };
    for (const segment of segments) {
      const { index } = segment;
      const { bytes, begins, ends } = segment.open();
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
