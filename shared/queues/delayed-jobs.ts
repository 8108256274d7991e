// When delayed jobs come due, by BullMQ's own order of them: a job's hash may say another time.
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** BullMQ's scores are milliseconds times this, and a place among the jobs of that millisecond. */
const PLACES = 0x1000;

/** Jobs that are listed at most. */
const LISTED = 1_000;

/** The ids of jobs that come due after a time, in Unix milliseconds. */
export async function listLate(redis: Redis, queue: Queue, afterMs: number): Promise<string[]> {
  return await redis.zrangebyscore(
    queue.toKey('delayed'),
    (afterMs + 1) * PLACES,
    '+inf',
    'LIMIT',
    0,
    LISTED,
  );
}

/** How many jobs come due until a time, in Unix milliseconds. */
export async function countDue(redis: Redis, queue: Queue, untilMs: number): Promise<number> {
  return await redis.zcount(queue.toKey('delayed'), '-inf', `(${(untilMs + 1) * PLACES}`);
}

/** Whether a job is delayed and comes due after a time, in Unix milliseconds. */
export async function isLate(redis: Redis, queue: Queue, jobId: string, afterMs: number): Promise<boolean> {
  const score = await redis.zscore(queue.toKey('delayed'), jobId);
  return score !== null && !(Number(score) < (afterMs + 1) * PLACES);
}
