// A whole log: walked in ranges on as many threads as there are, composed, judged.
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import { checkRecord } from '../../shared/audit/check-record.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { type LogRecord, recordedSizes } from '../../shared/audit/log-record.ts';
import type { LogVerdict, UnverifiableLog } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { RangeOutcome } from '../reports/tasks.ts';
import type { ReportRun } from '../threads/thread-run.ts';
import { type Deadline, Forecast } from './forecast.ts';
import { lastRangeOf, logRef, rangeTask } from './ranges.ts';

type Deps = Readonly<{ keyring: Keyring; lanes: number; deadline?: Deadline | undefined }>;

/** Walks the log that `record` is of. A log that is not plainly well is walked again in order, to name what is wrong. */
export async function walkLog(
  run: ReportRun,
  record: LogRecord,
  { keyring, lanes, deadline }: Deps,
): Promise<LogVerdict> {
  const damaged = checkRecord(record);
  if (damaged) return damaged;
  const key = keyring.find(record.log.keyId, record.log.keyCheck);
  if (!key) return unknownKey(record);
  const ranges = await walkInRanges(run, record, lanes, deadline ?? null);
  if (ranges) return judgeWalk(ranges, record, key);
  const whole = await run.task('walkWhole', {
    log: logRef(record),
    snapshotSizes: recordedSizes(record),
    stop: run.stop,
  });
  if (whole.kind === 'failed') return whole.verdict;
  if (whole.kind === 'walked') return judgeWalk([whole.range], record, key);
  return unknownKey(record);
}

/** The log's ranges in order, or null at the first sign that something is wrong. */
async function walkInRanges(
  run: ReportRun,
  record: LogRecord,
  lanes: number,
  deadline: Deadline | null,
): Promise<WalkedRange[] | null> {
  const lastRange = lastRangeOf(record);
  const forecast = new Forecast(lastRange + 1, deadline);
  const ranges: WalkedRange[] = [];
  let next = 0;
  let irregular = false;

  const walk = (index: number): Promise<RangeOutcome> =>
    run.task('walkRange', rangeTask(record, index, run.stop));

  async function walkLane(): Promise<void> {
    while (!irregular && next <= lastRange) {
      const index = next;
      next += 1;
      let outcome = await walk(index);
      for (let at = index; ; outcome = await walk(at)) {
        if (outcome.kind !== 'walked') {
          irregular = true;
          return;
        }
        ranges[at] = outcome.range;
        forecast.rangeDone();
        // An open log may have grown past its recorded size by more than a range.
        if (!outcome.more) break;
        at += 1;
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(lanes, lastRange + 1) }, walkLane));
  return irregular ? null : ranges;
}

function unknownKey({ log }: LogRecord): UnverifiableLog {
  return { status: 'unverifiable', reason: 'unknown_key', keyId: log.keyId };
}
