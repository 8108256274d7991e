import { aggregateHourJob } from './aggregate-hour.ts';
import { aggregateSession } from './aggregate-session.ts';
import { checkDrift } from './check-drift.ts';
import type { Job } from './job.ts';
import { storeRootJob } from './store-root.ts';
import { sweep } from './sweep.ts';

/** Everything that the workers do. Each parses its own payload, whatever its type. */
export const JOBS = [
  aggregateSession,
  storeRootJob,
  aggregateHourJob,
  sweep,
  checkDrift,
] as unknown as readonly Job<unknown>[];
