// The workers process of the benchmark: makes reports in the background and does nothing else. Asked, it answers when
// its threads are free. `job-speed.ts` starts it.
import { setTimeout as sleep } from 'node:timers/promises';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { parseConfig } from '../../shared/process/config.ts';
import { createLogger } from '../../shared/process/log.ts';
import { onShutdownSignal, ReleaseStack } from '../../shared/process/release.ts';
import type { Job } from '../../workers/jobs/job.ts';
import { makeReportJob } from '../../workers/jobs/make-report.ts';
import { startPipeline } from '../../workers/jobs/pipeline.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';

/** On the monotonic clock, which all processes of a machine share. */
export type ThreadsFree = Readonly<{ atMs: number }>;

/** Milliseconds on the clock of `ThreadsFree`. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const POLL_MS = 1;
const STOP_TIMEOUT_MS = 5_000;

async function work(): Promise<void> {
  const config = parseConfig(process.env);
  const { mongodbUri, redisUrl, mongodbDb } = config;
  if (mongodbUri === undefined || redisUrl === undefined) throw new TypeError('No servers are named');
  const acquired = new ReleaseStack();
  onShutdownSignal(() => void acquired.release(STOP_TIMEOUT_MS).finally(() => process.exit()));
  const { db, close } = await connectMongo(mongodbUri, mongodbDb);
  acquired.defer(() => close());
  let pool: Pick<ReportPool, 'stats'> | undefined;
  const watched: typeof makeReportJob = {
    ...makeReportJob,
    handle(payload, deps, signal) {
      // Jobs see a part of the pipeline's pool.
      pool = deps.pool as ReportPool;
      return makeReportJob.handle(payload, deps, signal);
    },
  };
  await startPipeline({
    ...{ config, mongodbUri, redisUrl, db, acquired },
    log: createLogger(config),
    worker: { jobs: [watched as unknown as Job<unknown>] },
  });
  process.on('message', async () => {
    while ((pool?.stats().running ?? 0) > 0) await sleep(POLL_MS);
    process.send?.({ atMs: monotonicMs() } satisfies ThreadsFree);
  });
  process.send?.('ready');
}

if (import.meta.main) await work();
