// Cuts a log into ranges that threads walk at the same time.
import { type LogRecord, recordedSizes, recordUntil } from '../../shared/audit/log-record.ts';
import type { StopFlag } from '../threads/stop-flag.ts';
import type { RangeTask, VerifyOrder, WalkPlan } from './log-tasks.ts';

/** Entries of a range. A power of two, so that a full range is one subtree; a range is some 20 ms of work. */
export const RANGE_SIZE = 8192;

/** Requires a record that `checkRecord` passed. */
export function planWalk(
  record: LogRecord,
  { until, listed }: Pick<VerifyOrder, 'until' | 'listed'>,
): WalkPlan {
  if (until === null) return { record, expected: record.log.size, until, listed };
  return { record: recordUntil(record, until), expected: Math.min(record.log.size, until), until, listed };
}

/** The range that a position lies in, counted from 0. */
export function rangeAt(position: number): number {
  return Math.floor(position / RANGE_SIZE);
}

/** The walk of `[begin, end)`, two multiples of the segment size: by default to the end of the range of `begin`. */
export function rangeTask(
  plan: WalkPlan,
  begin: number,
  stop: StopFlag,
  end = (rangeAt(begin) + 1) * RANGE_SIZE,
): RangeTask {
  const { record, expected, until, listed } = plan;
  const { accountId, sessionId, agentId, startedAt, log } = record;
  return {
    log: { accountId, sessionId, agentId, startedAt, keyId: log.keyId, keyCheck: log.keyCheck },
    begin,
    end,
    // The recorded size is a lower bound, so all ranges before the one that holds it must be full.
    last: end > expected,
    snapshotSizes: recordedSizes(record).filter((size) => size > begin && size < end),
    until,
    listed,
    stop,
  };
}
