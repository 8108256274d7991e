// How a log is cut into tasks.
import { type LogRecord, recordedSizes } from '../../shared/audit/log-record.ts';
import type { LogRef, RangeTask, StopFlag } from '../reports/tasks.ts';

/** Entries a task walks: a power of two, so that a full range is one subtree; some 20 ms of work. */
export const RANGE_SIZE = 8192;

/** The range in which the recorded size lies. Those before it are full: the recorded size is a lower bound. */
export function lastRangeOf({ log }: Pick<LogRecord, 'log'>): number {
  return Math.floor(log.size / RANGE_SIZE);
}

/** Requires records that `checkRecord` passed. */
export function rangeTask(record: LogRecord, index: number, stop: StopFlag): RangeTask {
  const begin = index * RANGE_SIZE;
  const end = begin + RANGE_SIZE;
  return {
    log: logRef(record),
    begin,
    end,
    last: index >= lastRangeOf(record),
    snapshotSizes: recordedSizes(record).filter((size) => size > begin && size < end),
    stop,
  };
}

export function logRef(record: LogRecord): LogRef {
  const { accountId, sessionId, agentId, log } = record;
  return { accountId, sessionId, agentId, keyId: log.keyId, keyCheck: log.keyCheck };
}
