// The workers process: runs the pipeline's jobs and schedules, and releases its resources in reverse order on a signal
// to stop. It waits without limit for a Redis that does not answer.

import { connectMongo } from '../shared/mongo/connection.ts';
import type { KeyedConfig } from '../shared/process/local-keys.ts';
import type { Logger } from '../shared/process/log.ts';
import { prepareIndexes } from '../shared/process/prepare-indexes.ts';
import type { ReleaseStack } from '../shared/process/release.ts';
import { runServerProcess } from '../shared/process/server-process.ts';
import { findMongodbUri, findRedisUrl } from '../shared/process/services.ts';
import { logNeeds } from '../shared/sessions/describe-key-needs.ts';
import { createKeyNeeds } from '../shared/sessions/key-needs.ts';
import { startPipeline } from './jobs/pipeline.ts';
import { watchWorkers } from './watch/watch-workers.ts';

const USAGE = `usage: npm run workers

Runs the background pipeline alone: counts and sums redactions, stores Merkle roots, makes the reports that were
ordered for the background, sweeps each minute, checks for drift each night. It needs the MongoDB that MONGODB_URI names and the Redis that REDIS_URL names, else those that
\`npm start\` runs for the same DATA_DIR. Settings are environment variables, not arguments; README.md lists them. SIGTERM
stops it, once the jobs under way are finished. Any number of these may run. With WORKERS_PORT it answers /health/live,
/health/ready and /metrics there.

exit: 0 stopped, 1 error, 64 usage`;

/** Time for running jobs to finish. */
const STOP_TIMEOUT_MS = 20_000;

void runServerProcess({
  name: 'The workers',
  usage: USAGE,
  env: process.env,
  stopTimeoutMs: () => STOP_TIMEOUT_MS,
  start,
});

async function start(
  config: KeyedConfig,
  log: Logger,
  acquired: ReleaseStack,
  stopping: AbortSignal,
): Promise<{ ready: true; probes_url?: string }> {
  const redisUrl = findRedisUrl(config);
  if (redisUrl === null) {
    throw new Error(
      'No Redis is known: set REDIS_URL to one that runs, or install redis-server or valkey-server and run `npm start`',
    );
  }
  const watch = await watchWorkers(config, redisUrl, acquired, stopping);
  const mongodbUri = await findMongodbUri(config);
  const { db, close } = await connectMongo(mongodbUri, config.mongodbDb);
  acquired.defer(() => close());
  watch.connected(db);
  const indexes = await prepareIndexes({ uri: mongodbUri, dbName: config.mongodbDb, db });
  acquired.defer(() => indexes.stop());
  logNeeds(await createKeyNeeds(db, config.auditKeys).find(), log);
  const path = process.env.PATH ?? '';
  const { metrics } = watch;
  watch.working(await startPipeline({ config, mongodbUri, redisUrl, db, log, acquired, path, metrics }));
  return { ready: true, ...(watch.url !== null && { probes_url: watch.url }) };
}
