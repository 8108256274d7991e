// The jobs that run by the clock. A missed run is not made up for: each run looks at everything.

import { dependencyOf } from '../../shared/process/dependency-error.ts';
import type { Logger } from '../../shared/process/log.ts';
import { tellTrouble } from '../../shared/process/trouble.ts';
import { CHECK_DRIFT, SWEEP, SWEEP_WEBHOOKS, VERIFY_LOGS } from '../../shared/queues/jobs.ts';
import type { Queues } from '../../shared/queues/queues.ts';
import { redisWords } from '../../shared/queues/redis-failure.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';
import { guardQueue } from './guard-queue.ts';
import type { Claim } from './keep-claim.ts';
import type { Schedule } from './keep-schedule.ts';

const DRIFT_SAMPLE = 500;

function listSchedules(sweepEveryMs: number): readonly Schedule[] {
  return [
    { id: 'sweep-changed', queue: SWEEP.name, repeat: { every: sweepEveryMs }, data: { of: 'changed' } },
    { id: 'sweep-open', queue: SWEEP.name, repeat: { every: 10 * sweepEveryMs }, data: { of: 'open' } },
    { id: 'sweep-reports', queue: SWEEP.name, repeat: { every: sweepEveryMs }, data: { of: 'reports' } },
    {
      id: 'sweep-payloads',
      queue: SWEEP.name,
      repeat: { every: 60 * sweepEveryMs },
      data: { of: 'payloads' },
    },
    { id: 'sweep-logs', queue: SWEEP.name, repeat: { every: sweepEveryMs / 2 }, data: { of: 'logs' } },
    // As short as the first pause between two attempts.
    {
      id: 'sweep-webhooks',
      queue: SWEEP_WEBHOOKS.name,
      repeat: { every: Math.ceil(sweepEveryMs / 12) },
      data: {},
    },
    { id: 'verify-logs', queue: VERIFY_LOGS.name, repeat: { every: sweepEveryMs }, data: {} },
    {
      id: 'check-drift',
      queue: CHECK_DRIFT.name,
      data: { sessions: DRIFT_SAMPLE },
      repeat: { pattern: '0 3 * * *', tz: 'UTC' },
    },
  ];
}

export type SchedulesOptions = Readonly<{
  log: Logger;
  /** Milliseconds between two sweeps of changed sessions; a minute by default. */
  sweepEveryMs?: number;
  /** Milliseconds between two checks of the schedules; a minute by default. */
  guardMs?: number;
  /** Whether the queues may be put right; by default they always may. */
  claim?: Pick<Claim, 'isHeld'>;
}>;

/**
 * Makes each queue what the service says it is, and again until it is stopped: a Redis that lost its data has no schedule,
 * after a clock was set back the next run may be hours away, and whoever writes to Redis may have stopped a queue. Safe for
 * several workers at once.
 */
export async function startSchedules(
  queues: Queues,
  { log, sweepEveryMs = MINUTE_MS, guardMs = MINUTE_MS, claim }: SchedulesOptions,
): Promise<{ stop(): void }> {
  const schedules = listSchedules(sweepEveryMs);
  const tell = (error: unknown) => {
    const dependency = dependencyOf(error);
    if (dependency === null) log.warn({ err: error }, 'schedules could not be checked');
    else tellTrouble(log, dependency, error, { about: 'schedules' });
  };
  await guard(queues, schedules, log).catch((error: unknown) => {
    // A Redis that takes no writes now is asked again below, and a process that ended for it would end again and again. So is a
    // queue on which another worker has acted in the same moment: BullMQ's own errors have numbers.
    const isOfQueue = typeof (error as { code?: unknown }).code === 'number';
    if (redisWords(error) === null && !isOfQueue) throw error;
    tell(error);
  });
  // A timer runs by the monotonic clock, which is never set back.
  const timer = setInterval(() => {
    if (claim?.isHeld() !== false) guard(queues, schedules, log).catch(tell);
  }, guardMs);
  return { stop: () => clearInterval(timer) };
}

/** A queue that cannot be put right keeps no other from it. Rejects with the first error. */
async function guard(queues: Queues, schedules: readonly Schedule[], log: Logger): Promise<void> {
  const errors: unknown[] = [];
  for (const queue of queues.all) {
    const own = schedules.filter((schedule) => schedule.queue === queue.name);
    await guardQueue({ queues, queue, schedules: own, log }).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}
