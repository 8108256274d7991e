// The workers' process: takes the pipeline's jobs, keeps its schedules, and lets go of everything in reverse order when
// it is told to stop. It waits for a Redis that is away, for as long as that takes.
import { parseConfig } from '../shared/config.ts';
import { type KeyedConfig, withLocalKeys } from '../shared/local-keys.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { connectMongo } from '../shared/mongo.ts';
import { ensureIndexes } from '../shared/mongo-indexes.ts';
import { createReleaseList, onShutdownSignal, type ReleaseList } from '../shared/release.ts';
import { findMongodbUri, findRedisUrl } from '../shared/services.ts';
import { startPipeline } from './pipeline.ts';

const USAGE = `usage: npm run workers

Runs the background pipeline alone: counts and sums redactions, stores Merkle roots, sweeps each minute, checks for
drift each night. It needs the MongoDB that MONGODB_URI names and the Redis that REDIS_URL names, else those that
\`npm start\` runs for the same DATA_DIR. Settings are environment variables, not arguments; README.md lists them. SIGTERM
stops it, once the jobs under way are finished. Any number of these may run.

exit: 0 stopped, 1 error, 64 usage`;

const EXIT_USAGE = 64;
/** What the jobs under way have to finish. */
const STOP_TIMEOUT_MS = 20_000;
const resources = createReleaseList();

const args = process.argv.slice(2);
if (args.length === 0) await run();
else if (args.every((arg) => arg === '--help' || arg === '-h')) console.log(USAGE);
else {
  console.error(USAGE);
  process.exitCode = EXIT_USAGE;
}

async function run(): Promise<void> {
  try {
    const config = await withLocalKeys(parseConfig(process.env));
    const log = createLogger(config);
    onShutdownSignal((reason) => stop(reason, log));
    await start(config, log, resources);
    log.info('working');
    process.send?.({ ready: true });
  } catch (error) {
    // Nothing was worked on yet, so the message holds nothing but the configuration's faults and their remedy.
    console.error(`The workers could not start. ${error instanceof Error ? error.message : ''}`);
    process.exitCode = 1;
    await resources.release(0);
  }
}

async function start(config: KeyedConfig, log: Logger, acquired: ReleaseList): Promise<void> {
  const redisUrl = findRedisUrl(config);
  if (redisUrl === null) {
    throw new Error(
      'No Redis is known: set REDIS_URL to one that runs, or install redis-server or valkey-server and run `npm start`',
    );
  }
  const mongodbUri = await findMongodbUri(config);
  const { db, close } = await connectMongo(mongodbUri, config.mongodbDb);
  acquired.push(() => close());
  await ensureIndexes(db);
  await startPipeline({ config, mongodbUri, redisUrl, db, log, acquired });
}

function stop(reason: string, log: Logger): void {
  log.info({ reason }, 'stopping');
  resources.release(STOP_TIMEOUT_MS).then(
    () => {
      log.info('stopped');
      // A connection that waits for Redis would keep the process.
      process.exit(0);
    },
    (err: unknown) => {
      log.error({ err }, 'stopped with an error');
      process.exit(1);
    },
  );
}
