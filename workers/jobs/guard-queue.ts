// Makes one queue what the service says it is: whoever writes to Redis may have stopped it, and nothing else would start it
// again. What the queue's jobs do is left to MongoDB, which says what is due.
import { ErrorCode, type Queue } from 'bullmq';
import type { Logger } from '../../shared/process/log.ts';
import type { Queues } from '../../shared/queues/queues.ts';
import { LONGEST_DELAY_MS } from '../../shared/queues/retry-policy.ts';
import { keepSchedule, type Schedule } from './keep-schedule.ts';

export type GuardedQueue = Readonly<{
  queues: Queues;
  queue: Queue;
  /** The schedules of the queue. */
  schedules: readonly Schedule[];
  log: Logger;
}>;

export async function guardQueue(guarded: GuardedQueue): Promise<void> {
  const { queues, queue, schedules, log } = guarded;
  const scheduleIds = schedules.map(({ id }) => id);
  const { ids, keys } = await queues.mend(queue.name, { longestMs: LONGEST_DELAY_MS, scheduleIds });
  if (ids > 0 || keys.length > 0) log.warn({ queue: queue.name, ids, keys }, MENDED);
  await limit(queue, schedules.length > 0);
  for (const id of await queues.listSchedules(queue.name)) {
    if (!scheduleIds.includes(id)) await queue.removeJobScheduler(id);
  }
  const runs = new Set<string>();
  for (const schedule of schedules) runs.add(await keepSchedule(queues, queue, schedule));
  await hurryDelayed(guarded, runs);
}

const MENDED = 'a queue held in Redis what would have stopped it, and what nobody here writes: it is removed';

/** Sets the limits for all workers together. A paused queue is left to whoever paused it: /health says so. */
async function limit(queue: Queue, isScheduled: boolean): Promise<void> {
  await queue.removeGlobalRateLimit();
  // A run of the job that takes longer than the period must not run beside the next one.
  if (isScheduled) await queue.setGlobalConcurrency(1);
  else await queue.removeGlobalConcurrency();
}

/** Attempts whose due time is further away than any pause: the clock was set back since, or somebody moved them. */
async function hurryDelayed({ queues, queue }: GuardedQueue, runs: ReadonlySet<string>): Promise<void> {
  for (const id of await queues.listLate(queue.name, Date.now() + LONGEST_DELAY_MS)) {
    if (!runs.has(id)) await (await queue.getJob(id))?.promote().catch(unlessGone);
  }
}

/** Another worker that looks at the same time has promoted or removed it, or it came due. */
function unlessGone(error: Error & { code?: unknown }): void {
  const { code } = error;
  if (code !== ErrorCode.JobNotExist && code !== ErrorCode.JobNotInState) throw error;
}
