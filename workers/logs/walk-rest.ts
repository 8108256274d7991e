// Walks the ranges of a long log after the first, as many at a time as there are lanes.
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { StopFlag } from '../threads/stop-flag.ts';
import { type Deadline, Forecast } from './forecast.ts';
import type { Begun, RangeOutcome, RangeTask } from './log-tasks.ts';
import { RANGE_SIZE, rangeAt, rangeTask } from './walk-plan.ts';

export type Lanes = Readonly<{ lanes: number; deadline?: Deadline | undefined }>;

/**
 * Continues after the range that `begun` holds. Returns all ranges in order, or null at the first sign that the log
 * fails. Throws the deadline's reason as soon as the log is found too long for the deadline.
 */
export async function walkRest(
  { plan, range: first }: Pick<Begun, 'plan' | 'range'>,
  stop: StopFlag,
  walk: (task: RangeTask) => Promise<RangeOutcome>,
  { lanes, deadline }: Lanes,
): Promise<WalkedRange[] | null> {
  if (!first) return null;
  const lastRange = rangeAt(Math.max(plan.expected, first.end));
  const rangeCount = lastRange - rangeAt(first.end) + 1;
  const forecast = new Forecast(rangeCount, deadline ?? null);
  const ranges: WalkedRange[] = [first];
  let next = first.end;
  let irregular = false;

  async function walkLane(): Promise<void> {
    while (!irregular && rangeAt(next) <= lastRange) {
      let begin = next;
      next = (rangeAt(begin) + 1) * RANGE_SIZE;
      // An open log may have grown past its recorded size by more than a range.
      for (let more = true; more; ) {
        const outcome = await walk(rangeTask(plan, begin, stop));
        if (outcome.kind !== 'walked') {
          irregular = true;
          return;
        }
        ranges.push(outcome.range);
        forecast.rangeDone();
        more = outcome.more;
        begin = outcome.range.end;
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(lanes, rangeCount) }, walkLane));
  return irregular ? null : ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
}
