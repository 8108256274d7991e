import { aggregateHourJob } from './aggregate-hour.ts';
import { aggregateSessionJob } from './aggregate-session.ts';
import { checkDriftJob } from './check-drift.ts';
import type { Job } from './job.ts';
import { storeRootJob } from './store-root.ts';
import { sweepJob } from './sweep.ts';

/** Every job with its handler. Each parses its own payload. */
export const JOBS = [
  aggregateSessionJob,
  storeRootJob,
  aggregateHourJob,
  sweepJob,
  checkDriftJob,
] as unknown as readonly Job<unknown>[];
