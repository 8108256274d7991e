// Queues of a test's own on the Redis that `npm test` runs.
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobDefinition } from '../../shared/queues/job-definition.ts';
import { createQueues, type Queues } from '../../shared/queues/queues.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { testRedisUrl } from './redis.ts';

export type OwnQueues = Readonly<{
  /** Stands in the keys in place of a database's name. */
  mongodbDb: string;
  redis: Redis;
  queues: Queues;
  queueOf(definition: Pick<JobDefinition<never>, 'name'>): Queue;
}>;

/** Empty queues, whose keys go with the test; on a Redis of the test's own with that Redis, which is gone first. */
export function openOwnQueues(t: TestContext, redisUrl = testRedisUrl()): OwnQueues {
  const mongodbDb = `test_${randomBytes(8).toString('hex')}`;
  const redis = openRedis(redisUrl, 'worker');
  const queues = createQueues(redis, mongodbDb);
  t.after(async () => {
    const isShared = redisUrl === testRedisUrl();
    if (isShared) await Promise.all(queues.all.map((queue) => queue.obliterate({ force: true })));
    redis.disconnect();
    await queues.close();
  });
  return {
    mongodbDb,
    redis,
    queues,
    queueOf: ({ name }) => queues.all.find((queue) => queue.name === name)!,
  };
}
