// Opens connections to Redis; nothing else does.
import { Redis } from 'ioredis';

/**
 * What a connection does while Redis does not answer. A producer fails at once, since somebody waits for its answer. A
 * worker waits. Both reconnect for ever.
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

/** A client that connects at once, in the background. Requires a URL that `isRedisUrl` accepts. */
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

/** Whether Redis answers within the deadline. */
export async function pingRedis(redis: Redis, deadlineMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), deadlineMs);
  const answered = redis.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/**
 * Whether a text is a URL that `openRedis` can use: redis:// or rediss://, a host, at most the number of a database.
 * Options after a `?` are refused: ioredis would let them override the ones that a connection depends on.
 */
export function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[^/?#]/.test(text)) return false;
  try {
    const { hostname, pathname, search, hash, username, password } = new URL(text);
    decodeURIComponent(username + password);
    return hostname !== '' && /^\/?\d{0,5}$/.test(pathname) && search === '' && hash === '';
  } catch {
    return false;
  }
}
