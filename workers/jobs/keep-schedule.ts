// A job that runs by the clock, and its next run in Redis.
import { isDeepStrictEqual } from 'node:util';
import type { Queue } from 'bullmq';
import { ErrorCode, getNextMillis } from 'bullmq';
import type { Queues } from '../../shared/queues/queues.ts';
import { DAY_MS } from '../../shared/time/durations.ts';

export type Schedule = Readonly<{
  id: string;
  queue: string;
  /** A pattern's period is a day at most. */
  repeat: { every: number } | { pattern: string; tz: string };
  data: object;
}>;

/** Workers that start together make a schedule at the same time, and one of them may find what another has just made. */
const MADE_BY_ANOTHER: readonly unknown[] = [
  ErrorCode.JobBelongsToJobScheduler,
  ErrorCode.SchedulerJobIdCollision,
  ErrorCode.SchedulerJobSlotsBusy,
];
const ATTEMPTS = 10;

/**
 * A schedule that is made again loses its waiting run, so it is made only where it is missing or differs. Resolves to the id
 * of its next run.
 */
export async function keepSchedule(queues: Queues, queue: Queue, schedule: Schedule): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await makeUnlessKept(queues, queue, schedule);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!MADE_BY_ANOTHER.includes(code) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function makeUnlessKept(queues: Queues, queue: Queue, schedule: Schedule): Promise<string> {
  const { id, repeat, data } = schedule;
  const found = await readScheduler(queue, id);
  const next = found?.next ?? null;
  if (found && next !== null && isSame(found, queue, schedule)) {
    if (await isRunKept(queues, queue, schedule, next)) return runId(id, next);
  }
  await queue.removeJobScheduler(id);
  // BullMQ makes no run over one whose hash is left, in whatever state.
  for (const left of [next, getNextMillis(Date.now(), repeat)]) {
    if (left !== null && left !== undefined) await queue.remove(runId(id, left));
  }
  const run = await queue.upsertJobScheduler(id, repeat, { name: queue.name, data });
  return run?.id ?? '';
}

type Found = NonNullable<Awaited<ReturnType<Queue['getJobScheduler']>>>;

/** Null where there is none, or none that can be read. */
async function readScheduler(queue: Queue, id: string): Promise<Found | null> {
  try {
    return (await queue.getJobScheduler(id)) ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSame(found: Found, queue: Queue, { repeat, data }: Schedule): boolean {
  const { name, every, pattern, tz, limit, startDate, endDate, template } = found;
  const wanted = { every: undefined, pattern: undefined, tz: undefined, ...repeat };
  return (
    name === queue.name &&
    isDeepStrictEqual({ every, pattern, tz }, wanted) &&
    [limit, startDate, endDate].every((bound) => bound === undefined) &&
    isDeepStrictEqual(template?.data ?? {}, data)
  );
}

/** States from which a run begins or goes on. */
const LIVE: readonly string[] = ['waiting', 'prioritized', 'delayed', 'active'];

/** An operator may have removed the next run, wholly or in part, and whoever writes to Redis may have moved it. */
async function isRunKept(
  queues: Queues,
  queue: Queue,
  { id, repeat, data }: Schedule,
  next: number,
): Promise<boolean> {
  const latest = Date.now() + ('every' in repeat ? 2 * repeat.every : DAY_MS);
  if (!(next <= latest)) return false;
  const run = await queue.getJob(runId(id, next));
  if (!run || !isDeepStrictEqual(run.data, data)) return false;
  if (!LIVE.includes(await queue.getJobState(runId(id, next)))) return false;
  return !(await queues.isLate(queue.name, runId(id, next), latest));
}

function runId(id: string, next: number): string {
  return `repeat:${id}:${next}`;
}
