// A command's reaction to what it found of a log: the same as the service's. What it found is printed by the command
// itself, so only the counter that `/metrics` shows is left to do here, in the pipeline's Redis where one is known.
import type { Config } from '../../shared/process/config.ts';
import { findRedisUrl } from '../../shared/process/services.ts';
import { createCounters } from '../../shared/queues/counters.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import type { OutcomeDeps } from '../../shared/sessions/record-outcome.ts';

const QUIET = { error() {}, info() {} };

/** What a verification that a command asked for needs to react as the service does. */
export function commandReaction(config: Config): Pick<OutcomeDeps, 'log' | 'countFailed'> {
  return { log: QUIET, countFailed: () => countFailed(config) };
}

/** A Redis that is away loses the count and nothing else: the mark is in the database. */
async function countFailed(config: Config): Promise<void> {
  const url = findRedisUrl(config);
  if (url === null) return;
  const redis = openRedis(url, 'producer');
  try {
    await new Promise<void>((resolve) => {
      redis.once('ready', resolve);
      redis.once('close', resolve);
    });
    await createCounters(redis, config.mongodbDb).add('logs_found_failed');
  } catch {
    console.error('Redis does not answer: the failed log is marked, and not counted in /metrics.');
  } finally {
    redis.disconnect();
  }
}
