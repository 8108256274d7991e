// The jobs that run by the clock. A missed run is not made up for: each run looks at everything.

import type { Queue } from 'bullmq';
import { dependencyOf } from '../../shared/process/dependency-error.ts';
import type { Logger } from '../../shared/process/log.ts';
import { tellTrouble } from '../../shared/process/trouble.ts';
import { CHECK_DRIFT, SWEEP, SWEEP_WEBHOOKS, VERIFY_LOGS } from '../../shared/queues/jobs.ts';
import type { Queues } from '../../shared/queues/queues.ts';
import { redisWords } from '../../shared/queues/redis-failure.ts';
import { MINUTE_MS } from '../../shared/time/durations.ts';

const DRIFT_SAMPLE = 500;

type Schedule = Readonly<{
  id: string;
  queue: string;
  repeat: { every: number } | { pattern: string; tz: string };
  data: object;
}>;

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

/** Longer than any pause between two attempts. */
const LONGEST_DELAY_MS = 2 * MINUTE_MS;
const LOOKED_AT = 1_000;

export type SchedulesOptions = Readonly<{
  log: Logger;
  /** Milliseconds between two sweeps of changed sessions; a minute by default. */
  sweepEveryMs?: number;
  /** Milliseconds between two checks of the schedules; a minute by default. */
  guardMs?: number;
}>;

/**
 * Makes the schedules where they are missing, and checks them until it is stopped: a Redis that lost its data has none,
 * and after a clock was set back the next run may be hours away. Safe for several workers at once.
 */
export async function startSchedules(
  queues: Queues,
  { log, sweepEveryMs = MINUTE_MS, guardMs = MINUTE_MS }: SchedulesOptions,
): Promise<{ stop(): void }> {
  const schedules = listSchedules(sweepEveryMs);
  const tell = (error: unknown) => {
    const dependency = dependencyOf(error);
    if (dependency === null) log.warn({ err: error }, 'schedules could not be checked');
    else tellTrouble(log, dependency, error, { about: 'schedules' });
  };
  await keepSchedules(queues, schedules).catch((error: unknown) => {
    // A Redis that takes no writes now is asked again below, and a process that ended for it would end again and again.
    if (redisWords(error) === null) throw error;
    tell(error);
  });
  // A timer runs by the monotonic clock, which is never set back.
  const timer = setInterval(() => {
    guard(queues, schedules).catch(tell);
  }, guardMs);
  return { stop: () => clearInterval(timer) };
}

async function keepSchedules(queues: Queues, schedules: readonly Schedule[]): Promise<void> {
  for (const schedule of schedules) {
    const queue = queueOf(queues, schedule);
    const found = await queue.getJobScheduler(schedule.id);
    if (await isKept(queue, schedule, found)) continue;
    // BullMQ makes no run over one whose hash alone is left.
    if (found?.next !== undefined) await queues.forgetOrphans(queue.name, [runId(schedule, found.next)]);
    await queue.upsertJobScheduler(schedule.id, schedule.repeat, { name: queue.name, data: schedule.data });
    // A run of the job that takes longer than the period must not run beside the next one.
    await queue.setGlobalConcurrency(1);
  }
}

/** States from which a run begins or goes on. */
const LIVE: readonly string[] = ['waiting', 'prioritized', 'delayed', 'active'];

/** A schedule that is made again loses its waiting run, so it is made only where it is missing or differs. */
async function isKept(
  queue: Queue,
  schedule: Schedule,
  found: Awaited<ReturnType<Queue['getJobScheduler']>>,
): Promise<boolean> {
  if (found?.next === undefined) return false;
  const { repeat } = schedule;
  const isSame = 'every' in repeat ? Number(found.every) === repeat.every : found.pattern === repeat.pattern;
  if (!isSame) return false;
  const id = runId(schedule, found.next);
  // An operator may have removed its next run, wholly or in part.
  return (await queue.getJob(id)) !== undefined && LIVE.includes(await queue.getJobState(id));
}

function runId({ id }: Schedule, next: number): string {
  return `repeat:${id}:${next}`;
}

async function guard(queues: Queues, schedules: readonly Schedule[]): Promise<void> {
  for (const schedule of schedules) {
    const { id, repeat } = schedule;
    const found = await queueOf(queues, schedule).getJobScheduler(id);
    if (found?.next === undefined || !('every' in repeat)) continue;
    if (found.next > Date.now() + 2 * repeat.every) await queueOf(queues, schedule).removeJobScheduler(id);
  }
  await keepSchedules(queues, schedules);
  for (const queue of queues.all) await hurryDelayed(queue);
}

/** Attempts whose due time is further away than any pause: the clock was set back since. */
async function hurryDelayed(queue: Queue): Promise<void> {
  for (const job of await queue.getDelayed(0, LOOKED_AT - 1)) {
    const isScheduled = job.repeatJobKey !== undefined;
    if (!isScheduled && job.timestamp + job.delay > Date.now() + LONGEST_DELAY_MS) await job.promote();
  }
}

function queueOf({ all }: Queues, { queue: name }: Schedule): Queue {
  const queue = all.find((each) => each.name === name);
  if (!queue) throw new TypeError(`${name} has no queue`);
  return queue;
}
