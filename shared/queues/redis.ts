// Opens connections to Redis; nothing else does.
import { Redis } from 'ioredis';

/**
 * Says how a connection behaves while Redis is away. A producer's command fails at once, since a caller waits for it; a
 * worker's waits. Both reconnect without end.
 */
export type RedisUse = 'producer' | 'worker';

const LONGEST_RETRY_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds without a reply after which a connection counts as broken. */
const PRODUCER_TIMEOUT_MS = 5_000;

const OPTIONS = {
  producer: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: PRODUCER_TIMEOUT_MS,
  },
  // A worker's commands block for as long as there is no job.
  worker: { maxRetriesPerRequest: null },
} as const;

/** Makes a client, which connects at once, in the background. Requires a URL that `isRedisUrl` accepts. */
export function openRedis(url: string, use: RedisUse): Redis {
  const redis = new Redis(url, {
    ...OPTIONS[use],
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_RETRY_MS),
  });
  // Commands fail with their own errors; without a listener ioredis prints each failed attempt to connect.
  redis.on('error', () => {});
  return redis;
}

/** Whether Redis answers within `deadlineMs` milliseconds. Never rejects. */
export async function pingRedis(redis: Redis, deadlineMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), deadlineMs);
  const answered = redis.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
