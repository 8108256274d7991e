// A process of the pipeline for tests that kill it: it can kill itself in the middle of a kind of job, around any of
// that job's own commands to the database or a while after it began, and put its clock back.
import { MongoClient } from 'mongodb';
import { parseConfig } from '../../shared/process/config.ts';
import { createLogger } from '../../shared/process/log.ts';
import { onShutdownSignal, ReleaseStack } from '../../shared/process/release.ts';
import { JOBS } from '../../workers/jobs/index.ts';
import type { Job } from '../../workers/jobs/job.ts';
import { startPipeline } from '../../workers/jobs/pipeline.ts';
import { SIGNING_ENV } from './account-logs.ts';
import { TEST_KEY } from './audit-world.ts';

/**
 * Kills itself in the first job of a kind: after some milliseconds, before its `command`th command is sent, or before it
 * writes to a collection. A job that sends fewer is done by then, and not yet known to be.
 */
export type JobKill = Readonly<
  { job: string; command: number } | { job: string; afterMs: number } | { job: string; before: string }
>;

export type WorkerTask = Readonly<{
  mongodbUri: string;
  dbName: string;
  /** Where the process keeps its checkpoints. */
  dataDir: string;
  redisUrl: string;
  lockMs: number;
  sweepEveryMs: number;
  guardMs: number;
  kill: JobKill | null;
  /** The clock stands so far behind from the start of the first sweep on. */
  clockBackMs?: number;
}>;

if (import.meta.main) await work(JSON.parse(process.argv[2] as string) as WorkerTask);

async function work(task: WorkerTask): Promise<void> {
  const {
    mongodbUri,
    dbName,
    dataDir,
    redisUrl,
    lockMs,
    sweepEveryMs,
    guardMs,
    kill,
    clockBackMs = 0,
  } = task;
  const client = new MongoClient(mongodbUri, { monitorCommands: true, maxPoolSize: 16 });
  const acquired = new ReleaseStack();
  const end = () => acquired.release(2_000).finally(() => process.exit(0));
  let stops = false;
  onShutdownSignal(() => {
    stops = true;
    void end();
  });
  // Account logs grow by reports alone: a report states how far its account's has.
  const jobs = JOBS.filter(({ definition }) => definition.name !== 'extend-account-log').map((job) => {
    if (job.definition.name === kill?.job) return killIn(job, kill, client);
    return job.definition.name === 'sweep' && clockBackMs > 0 ? putBackIn(job, clockBackMs) : job;
  });
  const started = startPipeline({
    config: {
      ...parseConfig({ WEBHOOK_ALLOW_PRIVATE: '1', DATA_DIR: dataDir, ...SIGNING_ENV }),
      mongodbDb: dbName,
      auditKeys: [TEST_KEY],
      reportThreads: 1,
    },
    mongodbUri,
    redisUrl,
    db: client.db(dbName),
    log: createLogger({ logLevel: 'debug' }),
    acquired,
    worker: { lockMs, jobs },
    schedules: { sweepEveryMs, guardMs },
  });
  try {
    await started;
    process.send?.('ready');
  } catch (error) {
    // A stop takes from a start what it waits for.
    if (!stops) throw error;
  }
}

function killIn(job: Job<unknown>, kill: JobKill, client: MongoClient): Job<unknown> {
  let begun = false;
  return {
    ...job,
    handle(payload, deps, signal) {
      if (begun) return job.handle(payload, deps, signal);
      begun = true;
      if ('afterMs' in kill) {
        setTimeout(die, kill.afterMs);
        return job.handle(payload, deps, signal);
      }
      let commands = 0;
      client.on('commandStarted', ({ command }) => {
        commands += 1;
        const isIt = 'before' in kill ? command.insert === kill.before : commands === kill.command;
        if (isIt) die();
      });
      return job.handle(payload, deps, signal).finally(die);
    },
  };
}

function putBackIn(job: Job<unknown>, byMs: number): Job<unknown> {
  const realNow = Date.now;
  return {
    ...job,
    handle(payload, deps, signal) {
      Date.now = () => realNow() - byMs;
      return job.handle(payload, deps, signal);
    },
  };
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
