// The background pipeline as the API sees it. The API only reads from it, and serves without it. Redis may go and come
// back at any time, so every question to it has a deadline.
import type { Redis } from 'ioredis';
import type { Db } from 'mongodb';
import { unlessAborted } from '../../shared/process/unless-aborted.ts';
import { type Counters, createCounters } from '../../shared/queues/counters.ts';
import { createDeployment, findForeignClaim } from '../../shared/queues/deployment.ts';
import { createQueues, type Queues } from '../../shared/queues/queues.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { RedisFailure } from '../../shared/queues/redis-failure.ts';
import { findRedisFault } from '../../shared/queues/redis-fault.ts';

export type PipelineView = Readonly<{
  redis: Redis;
  queues: Queues;
  counters: Counters;
  /** What is wrong with a Redis that answers: see `findRedisFault` and `findForeignClaim`. */
  findFault(): Promise<string | null>;
  /** Asks Redis. Throws a `RedisFailure`: at once while Redis is away or refuses, at the deadline while it hangs. */
  within<T>(deadlineMs: number, ask: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}>;

/** Short of the deadlines of those who ask. */
const ID_WITHIN_MS = 300;

/** Returns at once. The connection is made in the background, as soon as Redis answers. `db` is the database of that name. */
export function openPipeline(redisUrl: string, mongodbDb: string, db: Db): PipelineView {
  const redis = openRedis(redisUrl, 'producer');
  const queues = createQueues(redis, mongodbDb);
  const deployment = createDeployment(db);
  let ownId: string | null = null;

  async function findClaimFault(): Promise<string | null> {
    // A database that is away is told of elsewhere. Without an id no workers of this database have run.
    ownId ??= await unlessAborted(AbortSignal.timeout(ID_WITHIN_MS), deployment.find()).catch(() => null);
    return ownId === null ? null : await findForeignClaim(redis, mongodbDb, ownId);
  }

  return {
    redis,
    queues,
    counters: createCounters(redis, mongodbDb),
    findFault: async () => (await findRedisFault(redis, mongodbDb)) ?? (await findClaimFault()),
    async within(deadlineMs, ask) {
      // Without this, BullMQ waits for the first connection.
      if (redis.status !== 'ready') throw new RedisFailure(undefined);
      try {
        return await unlessAborted(AbortSignal.timeout(deadlineMs), ask());
      } catch (cause) {
        throw new RedisFailure(cause);
      }
    },
    async close() {
      redis.disconnect();
      await queues.close();
    },
  };
}
