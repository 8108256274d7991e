// A command reacts to a verdict as the service does. It prints the verdict itself, so nothing is logged here. The
// counter `masker_logs_found_failed_total` is in the pipeline's Redis, and counts where the address of a Redis is known.
import type { Config } from '../../shared/process/config.ts';
import { findRedisUrl } from '../../shared/process/services.ts';
import { createCounters } from '../../shared/queues/counters.ts';
import type { OutcomeDeps } from '../../shared/sessions/record-outcome.ts';

const QUIET = { error() {}, info() {} };

/** A command's log and counter for `createRecordOutcome`. The log is silent. */
export function commandReaction(config: Config): Pick<OutcomeDeps, 'log' | 'countFailed'> {
  return { log: QUIET, countFailed: () => countFailed(config) };
}

/** Adds one. When Redis does not answer only the count is lost: the mark is in the database. */
async function countFailed(config: Config): Promise<void> {
  const url = findRedisUrl(config);
  if (url === null) return;
  // Loaded here: few runs find a failed log, and the client is a tenth of what a command loads.
  const { openRedis } = await import('../../shared/queues/redis.ts');
  const redis = openRedis(url, 'producer');
  try {
    await new Promise<void>((resolve) => {
      redis.once('ready', resolve);
      redis.once('close', resolve);
    });
    await createCounters(redis, config.mongodbDb).add('logs_found_failed');
  } catch {
    console.error(
      'Redis does not answer: the failed log is marked, but not counted in masker_logs_found_failed_total.',
    );
  } finally {
    redis.disconnect();
  }
}
