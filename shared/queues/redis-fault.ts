// Whether a Redis that answers also keeps what it is given. Jobs are lost without a trace where it evicts keys, and none
// moves on where it refuses writes.
import type { Redis } from 'ioredis';
import { queuePrefix } from './queue-prefix.ts';
import { redisWords } from './redis-failure.ts';

/** Short, so that a probe that was written last leaves nothing. */
const PROBE_MS = 60_000;

/**
 * What is wrong with a Redis that answers, for an operator; null where nothing is. Writes one short-lived key. Rejects with
 * ioredis's error when Redis does not answer.
 */
export async function findRedisFault(redis: Redis, mongodbDb: string): Promise<string | null> {
  const [refusal, policy] = await Promise.all([tryWrite(redis, mongodbDb), readPolicy(redis)]);
  if (refusal !== null) return `Redis refuses writes: ${refusal}`;
  if (policy === null || policy === 'noeviction') return null;
  return `Redis evicts keys, and jobs with them: its maxmemory-policy is ${policy}; set it to noeviction`;
}

async function tryWrite(redis: Redis, mongodbDb: string): Promise<string | null> {
  try {
    await redis.set(`${queuePrefix(mongodbDb)}:write-probe`, '1', 'PX', PROBE_MS);
    return null;
  } catch (error) {
    const words = redisWords(error);
    if (words === null) throw error;
    return words;
  }
}

/** Null where this user may not ask. By INFO: hosted servers refuse CONFIG. */
async function readPolicy(redis: Redis): Promise<string | null> {
  try {
    return /^maxmemory_policy:([a-z-]+)\r?$/m.exec(await redis.info('memory'))?.[1] ?? null;
  } catch (error) {
    if (redisWords(error) === null) throw error;
    return null;
  }
}
