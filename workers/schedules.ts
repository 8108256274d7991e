// What runs by the clock. A slot that was missed is not made up: each run looks at all there is.

import { CHECK_DRIFT, SWEEP } from '../shared/queues/jobs.ts';
import type { Queues } from '../shared/queues/queues.ts';

const MINUTE_MS = 60_000;

const SCHEDULES = [
  { id: 'sweep-changed', queue: SWEEP.name, repeat: { every: MINUTE_MS }, data: { of: 'changed' } },
  { id: 'sweep-open', queue: SWEEP.name, repeat: { every: 10 * MINUTE_MS }, data: { of: 'open' } },
  {
    id: 'check-drift',
    queue: CHECK_DRIFT.name,
    repeat: { pattern: '0 3 * * *', tz: 'UTC' },
    data: { sessions: 500 },
  },
];

/** Makes the schedules, or leaves them as they are; safe for several workers at once. */
export async function keepSchedules({ all }: Queues): Promise<void> {
  for (const { id, queue: name, repeat, data } of SCHEDULES) {
    const queue = all.find((each) => each.name === name);
    if (!queue) throw new TypeError(`${name} has no queue`);
    await queue.upsertJobScheduler(id, repeat, { name, data });
    // A run that takes longer than its period must not meet the next one.
    await queue.setGlobalConcurrency(1);
  }
}
