// The retry policy of all jobs: attempts, backoff, and how long a job is kept that failed for good.
import type { JobsOptions } from 'bullmq';
import { MINUTE_MS } from '../time/durations.ts';

const DAY_S = 24 * 3600;

/** BullMQ's default options of every job. Delays are in milliseconds, ages in seconds. */
export const RETRY_POLICY: JobsOptions = {
  // Waits 1, 2, 4 and 8 seconds, each cut by up to a half. Each attempt looks for MongoDB for up to 5 seconds, so all
  // of them cover an outage of about half a minute. After a longer one, a later sweep adds the job again.
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  // A job that is kept holds its id: no other job with that id could be added.
  removeOnComplete: true,
  removeOnFail: { age: 7 * DAY_S, count: 1_000 },
};

/** Longer than any pause between two attempts, any debounce, any lock of a worker and any limit of a queue. */
export const LONGEST_DELAY_MS = 2 * MINUTE_MS;
