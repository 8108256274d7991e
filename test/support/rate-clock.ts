// A clock for rate limits in Redis that only a test moves. The limit's script still runs in a real Redis.
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';

/**
 * Stands before the limit's script. TIME is what the test has set, from the start a moment of the year 2027. Buckets are
 * kept past their end: a full bucket is what the script takes a missing one for.
 */
const CLOCK = `
  local server = redis
  local redis = { call = function(command, key, value)
    if command == 'time' then
      local ms = tonumber(server.call('get', KEYS[1] .. ':clock') or '1800000000000')
      return { math.floor(ms / 1000), ms % 1000 * 1000 }
    end
    if command == 'set' then return server.call('set', key, value) end
    return server.call(command, key)
  end }
`;

/** Until the test ends, limits that are created go by a clock of the test's own, one for each bucket. */
export function stopRateClock(t: TestContext): void {
  const { defineCommand } = Redis.prototype;
  t.mock.method(
    Redis.prototype,
    'defineCommand',
    function define(this: Redis, ...args: Parameters<typeof defineCommand>) {
      const [name, definition] = args;
      const lua = name === 'rlflxIncr' ? CLOCK + definition.lua : definition.lua;
      return defineCommand.call(this, name, { ...definition, lua });
    },
  );
}

/** Puts the clock of a bucket, by its key, that many milliseconds after its start. */
export async function setRateClock(redis: Redis, key: string, ms: number): Promise<void> {
  await redis.set(`${key}:clock`, String(1_800_000_000_000 + ms));
}
