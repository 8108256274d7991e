// Shows a workers process to probes and to Prometheus while it starts, works and stops.
import type { Db } from 'mongodb';
import type { Config } from '../../shared/process/config.ts';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { unlessAborted } from '../../shared/process/unless-aborted.ts';
import { openRedis, pingRedis } from '../../shared/queues/redis.ts';
import { openProbes } from './open-probes.ts';
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts';

export type WorkersWatch = Readonly<{
  metrics: WorkerMetrics;
  /** Where probes are answered; null where `WORKERS_PORT` is not set. */
  url: string | null;
  /** Tells that the database is connected. */
  connected(db: Db): void;
  /** Tells what says whether jobs are taken: none is before. */
  working(pipeline: Readonly<{ isWorking(): boolean }>): void;
}>;

/** Listens where `WORKERS_PORT` is set. Rejects with `unavailable` where the port cannot be had. */
export async function watchWorkers(
  { workersPort, host }: Pick<Config, 'workersPort' | 'host'>,
  redisUrl: string,
  acquired: ReleaseStack,
  stopping: AbortSignal,
): Promise<WorkersWatch> {
  const metrics = createWorkerMetrics();
  let db: Db | null = null;
  let isWorking = () => false;
  let url: string | null = null;
  if (workersPort !== null) {
    // A connection of its own: the workers' commands wait without limit, and a probe must not stand behind them.
    const redis = openRedis(redisUrl, 'producer');
    acquired.defer(() => redis.disconnect());
    const probes = await openProbes({ port: workersPort, host }, metrics, {
      mongodb: (deadlineMs) => pingMongo(db, deadlineMs),
      redis: (deadlineMs) => pingRedis(redis, deadlineMs),
      isWorking: () => isWorking(),
      stopping,
    });
    acquired.defer(() => probes.close());
    url = probes.url;
  }
  return {
    metrics,
    url,
    connected(opened) {
      db = opened;
    },
    working(pipeline) {
      isWorking = pipeline.isWorking;
    },
  };
}

async function pingMongo(db: Db | null, deadlineMs: number): Promise<boolean> {
  if (db === null) return false;
  return unlessAborted(AbortSignal.timeout(deadlineMs), db.command({ ping: 1 })).then(
    () => true,
    () => false,
  );
}
