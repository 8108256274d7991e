// How a log is cut into tasks.
import { type Records, recordedSizes } from '../../shared/audit/judge.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { LogRef, RangeTask, StopFlag } from '../reports/tasks.ts';

/** Entries a task walks: a power of two, so that a full range is one subtree; some 20 ms of work. */
export const RANGE_SIZE = 8192;

/** The range in which the recorded size lies. Those before it are full: the recorded size is a lower bound. */
export function lastRangeOf({ log }: Session): number {
  return Math.floor(log.size / RANGE_SIZE);
}

/** Requires records that `checkRecords` passed. */
export function rangeTask(records: Records, index: number, stop: StopFlag): RangeTask {
  const begin = index * RANGE_SIZE;
  const end = begin + RANGE_SIZE;
  return {
    log: logRef(records.session),
    begin,
    end,
    last: index >= lastRangeOf(records.session),
    snapshotSizes: recordedSizes(records).filter((size) => size > begin && size < end),
    stop,
  };
}

export function logRef(session: Session): LogRef {
  const { accountId, id: sessionId, agentId, log } = session;
  return { accountId, sessionId, agentId, keyId: log.keyId, keyCheck: log.keyCheck };
}
