// Counts the requests of an account: in Redis, for all API processes together; in this process alone while Redis is
// away, hangs or is not configured.
import type { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import type { RateLimit } from '../../shared/process/config.ts';
import { queuePrefix } from '../../shared/queues/queue-prefix.ts';

export type RateLimiter = Readonly<{
  /** Requests at once at most, and the whole seconds in which as many may be sent again. */
  quota: Readonly<{ requests: number; windowS: number }>;
  /** Counts a request of the account. */
  count(accountId: string): Promise<Counted>;
}>;

export type Counted = Readonly<{
  /** Null when the request may go on, else the whole seconds after which to try again. */
  retryAfterS: number | null;
  /** Requests that may follow at once. */
  left: number;
  /** Whole seconds until all may be sent again, or one where this one was refused. */
  resetS: number;
}>;

/** The longest that a request waits for Redis. */
const REDIS_DEADLINE_MS = 100;

/**
 * A bucket that holds a burst and is filled at the rate (the generic cell rate algorithm). The key keeps the time, in
 * Unix milliseconds, at which the bucket will be full again. The package's own script counts in windows of whole
 * seconds, which lets two bursts through where two windows meet. Returns what the package expects: points used, and
 * milliseconds until none is used any more, or to wait.
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
    return { math.min(${points}, math.ceil((full - now) / interval)), math.ceil(full - now) }
  `;
}

/**
 * In memory, requests are counted in fixed windows of burst / perSecond seconds, not by the algorithm of the script.
 * `name` tells what is counted: limiters of one name share their counts.
 */
export function createRateLimiter(
  { perSecond, burst }: RateLimit,
  { redis, mongodbDb, name = 'rate' }: { redis: Redis | null; mongodbDb: string; name?: string },
): RateLimiter {
  // At least one second's worth: with a smaller burst an account could never reach the rate.
  const points = Math.max(burst, perSecond);
  const options = { points, duration: points / perSecond, keyPrefix: `${queuePrefix(mongodbDb)}:${name}` };
  const memory = new RateLimiterMemory(options);
  const limiter =
    redis === null
      ? memory
      : insure(createRedisLimiter(redis, options, bucketScript(perSecond, points)), memory);

  return {
    quota: { requests: points, windowS: Math.max(1, Math.ceil(points / perSecond)) },
    async count(accountId) {
      try {
        const { remainingPoints, msBeforeNext } = await limiter.consume(accountId);
        return { retryAfterS: null, left: remainingPoints, resetS: wholeSeconds(msBeforeNext) };
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const retryAfterS = wholeSeconds(refusal.msBeforeNext);
        return { retryAfterS, left: 0, resetS: retryAfterS };
      }
    },
  };
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
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

// Only the wrapper has an insurance limiter. A limiter with its own would count a request a second time in memory, once
// for the timeout and once when the hanging connection fails at last.
function insure(limiter: RateLimiterRedis, insuranceLimiter: RateLimiterMemory): RLWrapperTimeouts {
  return new RLWrapperTimeouts({ limiter, insuranceLimiter, timeoutMs: REDIS_DEADLINE_MS });
}
