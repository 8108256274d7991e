// The API process: acquires its resources, listens, and releases them in reverse order on a signal to stop.

import { createAccessRepository } from '../shared/access-record/access-repository.ts';
import { createHeadFiles } from '../shared/access-record/head-files.ts';
import { createHeadKeeper } from '../shared/access-record/keep-heads.ts';
import { showMetrics } from '../shared/metrics/show-metrics.ts';
import { connectMongo } from '../shared/mongo/connection.ts';
import type { KeyedConfig } from '../shared/process/local-keys.ts';
import type { Logger } from '../shared/process/log.ts';
import { listenPlain, type PlainServer } from '../shared/process/plain-server.ts';
import { prepareIndexes } from '../shared/process/prepare-indexes.ts';
import type { ReleaseStack } from '../shared/process/release.ts';
import { runServerProcess } from '../shared/process/server-process.ts';
import { findMongodbUri, findRedisUrl } from '../shared/process/services.ts';
import { logNeeds } from '../shared/sessions/describe-key-needs.ts';
import { countUnmarked, logUnmarked } from '../shared/sessions/mark-openings.ts';
import { createPdfRenderer } from '../workers/pdf/pdf.ts';
import { createReportPool } from '../workers/reports/pool.ts';
import { createApp } from './app.ts';
import { createDeps } from './deps.ts';
import type { Metrics } from './http/metrics.ts';
import { openPipeline } from './http/pipeline-view.ts';
import { listen } from './server.ts';

/**
 * A connection is silent while its report is made. One that stays silent for this much longer has a caller who stopped
 * reading.
 */
const IDLE_AFTER_REPORT_MS = 60_000;

const USAGE = `usage: npm run api

Runs the HTTP API alone, against the MongoDB that MONGODB_URI names, else the one that \`npm start\` runs for the same
DATA_DIR. Settings are environment variables, not arguments; README.md lists them. SIGTERM stops it, once the reports
under way are finished.

exit: 0 stopped, 1 error, 64 usage`;

void runServerProcess({
  name: 'The API',
  usage: USAGE,
  env: process.env,
  // Running reports finish within it: each has this as its deadline.
  stopTimeoutMs: ({ reportTimeoutMs }) => reportTimeoutMs,
  drainMs: ({ drainMs }) => drainMs,
  start,
});

async function start(
  config: KeyedConfig,
  log: Logger,
  acquired: ReleaseStack,
  stopping: AbortSignal,
): Promise<{ url: string; metrics_url?: string }> {
  const mongodbUri = await findMongodbUri(config);
  const mongo = await connectMongo(mongodbUri, config.mongodbDb);
  acquired.defer(() => mongo.close());
  const indexes = await prepareIndexes({ uri: mongodbUri, dbName: config.mongodbDb, db: mongo.db });
  acquired.defer(() => indexes.stop());

  const pool = await createReportPool({ mongodbUri, config });
  acquired.defer(() => pool.close());

  const pdf = await createPdfRenderer({
    chromePath: config.chromePath,
    path: process.env.PATH ?? '',
    tasks: pool,
    pages: config.reportThreads,
    queueLimit: config.reportQueueLimit,
    warn: (line) => log.warn(line),
  });
  acquired.defer(() => pdf.close());
  void pdf.warm();

  const redisUrl = findRedisUrl(config);
  const pipeline = redisUrl === null ? null : openPipeline(redisUrl, config.mongodbDb, mongo.db);
  if (pipeline) acquired.defer(() => pipeline.close());

  const files = createHeadFiles(config.dataDir);
  const heads = createHeadKeeper({ files, rows: createAccessRepository(mongo.db), log });
  acquired.defer(() => heads.close());

  const { port, host, reportTimeoutMs } = config;
  const deps = createDeps(config, mongo.db, { pool, pdf, pipeline, heads, stopping, indexes }, log);
  logNeeds(await deps.keyNeeds.find(), log);
  logUnmarked(await countUnmarked(mongo.db), log);
  const app = createApp(deps);
  const ofMetrics = await listenForMetrics(config, deps.metrics);
  if (ofMetrics) acquired.defer(() => ofMetrics.close());
  const server = await listen(app, {
    ...{ port, host, idleTimeoutMs: reportTimeoutMs + IDLE_AFTER_REPORT_MS },
    onRefusal: deps.metrics.requests.refuse,
  });
  acquired.defer((force) => server.close(force));
  return { url: server.url, ...(ofMetrics && { metrics_url: `${ofMetrics.url}/metrics` }) };
}

/** Null where /metrics is on the public port. */
async function listenForMetrics(
  { metricsPort, host }: KeyedConfig,
  { registry }: Metrics,
): Promise<PlainServer | null> {
  if (metricsPort === null) return null;
  const place = { port: metricsPort, host, setting: 'METRICS_PORT' };
  return await listenPlain(place, { '/metrics': () => showMetrics(registry) });
}
