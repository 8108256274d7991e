// Takes jobs from their queues and runs them: one BullMQ worker for each kind, all in this process. The heavy part of a
// job runs on the report threads, so this event loop stays free to renew the locks of running jobs.
import { once } from 'node:events';
import { MetricsTime, type Job as QueuedJob, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { dependencyOf } from '../../shared/process/dependency-error.ts';
import { tellTrouble } from '../../shared/process/trouble.ts';
import { queuePrefix } from '../../shared/queues/queue-prefix.ts';
import { createReadableBackend } from '../../shared/queues/readable-backend.ts';
import type { WorkerMetrics } from '../watch/worker-metrics.ts';
import { JOBS } from './index.ts';
import type { Job, JobDeps } from './job.ts';
import type { Claim } from './keep-claim.ts';
import { restAfterRefusals } from './rest-after-refusals.ts';

export type JobWorkerOptions = Readonly<{
  redis: Redis;
  mongodbDb: string;
  deps: JobDeps;
  /** Milliseconds after which another worker takes a job whose lock was not renewed. */
  lockMs?: number;
  jobs?: readonly Job<unknown>[];
  /** Whether jobs may be taken; by default they always may. */
  claim?: Pick<Claim, 'isHeld' | 'follow'>;
  /** Measures jobs; by default nothing does. */
  beginJob?: WorkerMetrics['beginJob'];
}>;

export type JobWorkers = Readonly<{
  /** Takes no more jobs and lets running ones finish. When `force` aborts, it leaves them to the next worker. */
  close(force: AbortSignal): Promise<void>;
}>;

const LOCK_MS = 30_000;
/** How often a job may outlive its worker. High, because a worker can be killed for reasons that are not the job's. */
const STALLS = 10;

export function startJobWorkers(options: JobWorkerOptions): JobWorkers {
  const closing = new AbortController();
  const stopping = new AbortController();
  const workers = (options.jobs ?? JOBS).map((job) =>
    startWorker(job, options, job.isInterruptible ? closing.signal : stopping.signal),
  );
  options.claim?.follow(() => {
    for (const worker of workers) goOnOrPause(worker, options);
  });
  return {
    async close(force) {
      closing.abort(new Error('The worker stops'));
      const leave = async () => {
        stopping.abort(new Error('The worker stops'));
        await Promise.all(workers.map((worker) => worker.close(true)));
      };
      // While Redis does not answer no job can be finished, and BullMQ's close waits forever.
      if (force.aborted || options.redis.status !== 'ready') return await leave();
      const closed = Promise.all(workers.map((worker) => worker.close()));
      await Promise.race([closed, once(force, 'abort').then(leave)]);
    },
  };
}

/** Pauses this process alone: the queue itself is another deployment's. Jobs that run go on. */
function goOnOrPause(worker: Worker, { claim }: JobWorkerOptions): void {
  if (worker.closing) return;
  if (claim?.isHeld() === false) void worker.pause(true);
  else if (worker.isPaused()) worker.resume();
}

function startWorker(job: Job<unknown>, options: JobWorkerOptions, stopping: AbortSignal): Worker {
  const { redis, mongodbDb, deps, lockMs = LOCK_MS } = options;
  const { definition, concurrency, perSecond } = job;
  const settings = {
    connection: redis,
    prefix: queuePrefix(mongodbDb),
    concurrency,
    ...(perSecond !== undefined && { limiter: { max: perSecond, duration: 1_000 } }),
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: STALLS,
    metrics: { maxDataPoints: MetricsTime.ONE_HOUR },
  };
  const take = (queued: QueuedJob) => measured(job, queued, options, stopping);
  const worker = new Worker(definition.name, take, settings, createReadableBackend);
  const rest = restAfterRefusals(worker, () => goOnOrPause(worker, options));
  worker.on('error', (err) => {
    const queue = definition.name;
    // While Redis does not answer each worker fails many times a second. The pipeline logs that once.
    if (redis.status !== 'ready') return deps.log.debug({ queue, err }, 'queue trouble');
    rest();
    tellTrouble(deps.log, 'redis', err, { queue });
  });
  return worker;
}

async function measured(
  job: Job<unknown>,
  queued: QueuedJob,
  { deps, claim, beginJob }: JobWorkerOptions,
  stopping: AbortSignal,
): Promise<string> {
  // A worker that waits for a job when it is paused gets one more.
  if (claim?.isHeld() === false) {
    await queued.moveToWait(queued.token);
    throw new WaitingError();
  }
  const end = beginJob?.(job.definition.name);
  try {
    const result = await run(job, queued, deps, stopping);
    end?.('done');
    return result;
  } catch (error) {
    end?.(error instanceof WaitingError ? 'left' : 'failed');
    throw error;
  }
}

async function run(
  job: Job<unknown>,
  queued: QueuedJob,
  deps: JobDeps,
  stopping: AbortSignal,
): Promise<string> {
  const startedAt = performance.now();
  const about = { job: job.definition.name, job_id: queued.id, attempt: queued.attemptsMade + 1 };
  const parsed = job.definition.payload.safeParse(queued.data);
  if (!parsed.success) {
    deps.log.error(about, 'a job’s payload does not match its schema');
    throw new UnrecoverableError('The payload does not match its schema');
  }
  try {
    const result = await job.handle(parsed.data, deps, stopping);
    const line = { ...about, duration_ms: Math.round(performance.now() - startedAt), result };
    deps.log[job.isRare ? 'info' : 'debug'](line, 'job done');
    return result;
  } catch (err) {
    // The next worker takes it at once: neither a pause nor the end of this worker's lock keeps it waiting.
    if (stopping.aborted) {
      deps.log.info(about, 'job left to the next worker');
      await queued.moveToWait(queued.token);
      throw new WaitingError();
    }
    const line = { ...about, duration_ms: Math.round(performance.now() - startedAt) };
    const dependency = dependencyOf(err);
    if (dependency === null) deps.log.warn({ ...line, err }, 'job failed');
    else {
      tellTrouble(deps.log, dependency, err, line);
      deps.log.debug({ ...line, err }, 'job failed');
    }
    throw new JobFailure(err);
  }
}

/** What Redis and the dashboard keep of a failure. The driver's own message may hold data, so it stays in the log. */
class JobFailure extends Error {
  constructor(cause: unknown) {
    const { name, code } = cause as { name?: string; code?: unknown };
    super(`${name ?? 'Error'}${code === undefined ? '' : ` ${String(code)}`}: the worker’s log says where`);
    this.name = 'JobFailure';
    delete this.stack;
  }
}
