// How many requests an account may send: counted in Redis for all API processes together, and in this process alone
// while Redis is away, hangs or is not configured.
import type { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import { queuePrefix } from '../../shared/queues/queues.ts';

export type RateLimiter = Readonly<{
  /** Counts a request of the account: null when it may go on, else the whole seconds after which to try again. */
  count(accountId: string): Promise<number | null>;
}>;

export type RateLimit = Readonly<{ perSecond: number; burst: number }>;

/** What a request waits for Redis at most. */
const REDIS_DEADLINE_MS = 100;

/**
 * A bucket that holds a burst and is filled at the rate (the generic cell rate algorithm): the key keeps the moment, in
 * Unix milliseconds, at which it will be full again. The package's own script counts in windows of whole seconds, which
 * lets two bursts through where two of them meet. Answers as the package expects: points used up, and milliseconds to wait.
 */
function bucketScript(perSecond: number, points: number): string {
  return `
    local interval = 1000 / ${perSecond}
    local time = redis.call('time')
    local now = time[1] * 1000 + time[2] / 1000
    local full = math.max(now, tonumber(redis.call('get', KEYS[1]) or '0')) + interval
    local wait = full - now - ${points} * interval
    if wait > 0 then return { ${points} + 1, math.ceil(wait) } end
    redis.call('set', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now))
    return { 1, math.ceil(full - now) }
  `;
}

/** In this process's memory a burst is counted in windows that last until the rate has made up for it. */
export function createRateLimiter(
  { perSecond, burst }: RateLimit,
  { redis, mongodbDb }: { redis: Redis | null; mongodbDb: string },
): RateLimiter {
  // A second's worth at least: a burst below the rate would make the rate out of reach.
  const points = Math.max(burst, perSecond);
  const options = { points, duration: points / perSecond, keyPrefix: `${queuePrefix(mongodbDb)}:rate` };
  const memory = new RateLimiterMemory(options);
  const limiter =
    redis === null
      ? memory
      : insure(createRedisLimiter(redis, options, bucketScript(perSecond, points)), memory);

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

function createRedisLimiter(
  redis: Redis,
  options: { points: number; duration: number; keyPrefix: string },
  script: string,
) {
  return new RateLimiterRedis({
    ...options,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: script,
  });
}

// The insurance is this wrapper's alone: a limiter with one of its own would count a request there a second time when
// a Redis that hung is gone at last.
function insure(limiter: RateLimiterRedis, insuranceLimiter: RateLimiterMemory): RLWrapperTimeouts {
  return new RLWrapperTimeouts({ limiter, insuranceLimiter, timeoutMs: REDIS_DEADLINE_MS });
}
