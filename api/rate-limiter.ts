// How many requests an account may send: counted in Redis for all API processes together, and in this process alone
// while Redis is away, hangs or is not configured.
import type { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import { queuePrefix } from '../shared/queues/queues.ts';

export type RateLimiter = Readonly<{
  /** Counts a request of the account: null when it may go on, else the whole seconds after which to try again. */
  count(accountId: string): Promise<number | null>;
}>;

export type RateLimit = Readonly<{ perSecond: number; burst: number }>;

/** What a request waits for Redis at most. */
const REDIS_DEADLINE_MS = 100;

// The package's own takes whole seconds, which would let more through than the rate. ARGV: what is added, and, fourth,
// the window's seconds.
const COUNT_IN_WINDOW = `
  redis.call('set', KEYS[1], 0, 'PX', math.ceil(ARGV[4] * 1000), 'NX')
  return { redis.call('incrby', KEYS[1], ARGV[1]), redis.call('pttl', KEYS[1]) }
`;

/** A window begins with its first request and lasts until the rate has made up for a whole burst. */
export function createRateLimiter(
  { perSecond, burst }: RateLimit,
  { redis, mongodbDb }: { redis: Redis | null; mongodbDb: string },
): RateLimiter {
  // A second's worth at least: a burst below the rate would make the rate out of reach.
  const points = Math.max(burst, perSecond);
  const options = { points, duration: points / perSecond, keyPrefix: `${queuePrefix(mongodbDb)}:rate` };
  const memory = new RateLimiterMemory(options);
  const limiter = redis === null ? memory : insure(createRedisLimiter(redis, options), memory);

  return {
    async count(accountId) {
      try {
        await limiter.consume(accountId);
        return null;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
    },
  };
}

function createRedisLimiter(redis: Redis, options: { points: number; duration: number; keyPrefix: string }) {
  return new RateLimiterRedis({
    ...options,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: COUNT_IN_WINDOW,
  });
}

// The insurance is this wrapper's alone: a limiter with one of its own would count a request there a second time when
// a Redis that hung is gone at last.
function insure(limiter: RateLimiterRedis, insuranceLimiter: RateLimiterMemory): RLWrapperTimeouts {
  return new RLWrapperTimeouts({ limiter, insuranceLimiter, timeoutMs: REDIS_DEADLINE_MS });
}
