import { aggregateHour as sumHour } from '../../shared/aggregates/aggregate-hour.ts';
import { AGGREGATE_HOUR } from '../../shared/queues/jobs.ts';
import type { Job } from './job.ts';

export const aggregateHour: Job<{ accountId: string; agentId: string; hourMs: number }> = {
  definition: AGGREGATE_HOUR,
  concurrency: 4,
  handle: ({ accountId, agentId, hourMs }, deps) => sumHour(deps, accountId, agentId, new Date(hourMs)),
};
