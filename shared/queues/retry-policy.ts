// How often a job that failed is tried again, and how long one that failed for good is kept.
import type { JobsOptions } from 'bullmq';

const DAY_S = 24 * 3600;

/** BullMQ's options of every job. Delays in milliseconds, ages in seconds. */
export const RETRY_POLICY: JobsOptions = {
  // Covers an outage of about half a minute. After a longer one, a later sweep adds the job again.
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  // A job that is kept holds its id, so no other job with that id could be added.
  removeOnComplete: true,
  removeOnFail: { age: 7 * DAY_S, count: 1_000 },
};
