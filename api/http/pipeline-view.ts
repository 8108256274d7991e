// The background pipeline as the API sees it: it looks, and works as well without. Redis may vanish and come back at any
// time, so whatever is asked of it has a deadline.
import type { Redis } from 'ioredis';
import { AppError } from '../../shared/errors/app-error.ts';
import { type Counters, createCounters } from '../../shared/queues/counters.ts';
import { createQueues, type Queues } from '../../shared/queues/queues.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { unlessAborted } from './request-signal.ts';

export type PipelineView = Readonly<{
  redis: Redis;
  queues: Queues;
  counters: Counters;
  /** What is asked of Redis. Throws `unavailable` at once while it is away, and at the deadline where it hangs. */
  within<T>(deadlineMs: number, ask: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}>;

/** Resolves nothing and waits for nothing: it connects by itself, now or as soon as there is a Redis. */
export function openPipeline(redisUrl: string, mongodbDb: string): PipelineView {
  const redis = openRedis(redisUrl, 'producer');
  const queues = createQueues(redis, mongodbDb);

  return {
    redis,
    queues,
    counters: createCounters(redis, mongodbDb),
    async within(deadlineMs, ask) {
      // BullMQ would wait for the first connection.
      if (redis.status !== 'ready') throw new AppError('unavailable', SILENT);
      try {
        return await unlessAborted(AbortSignal.timeout(deadlineMs), ask());
      } catch (cause) {
        throw new AppError('unavailable', SILENT, { cause });
      }
    },
    async close() {
      redis.disconnect();
      await queues.close();
    },
  };
}

const SILENT = 'Redis does not answer: see whether REDIS_URL is right and its server runs.';
