// The queues of a deployment. The API reads their counts, and jobs add other jobs to them.
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { assignTurns } from './assign-turns.ts';
import { countDue, isLate, listLate } from './delayed-jobs.ts';
import { forgetOrphans } from './forget-orphans.ts';
import type { JobDefinition } from './job-definition.ts';
import { JOB_DEFINITIONS } from './jobs.ts';
import { type Mended, type MendOptions, mendQueue } from './mend-queue.ts';
import { queuePrefix } from './queue-prefix.ts';
import { createReadableBackend } from './readable-backend.ts';
import { RETRY_POLICY } from './retry-policy.ts';

/** Jobs in a queue, by state. `waiting` includes prioritized jobs, `delayed` those that wait for a retry. */
export type QueueCounts = Readonly<{ waiting: number; active: number; delayed: number; failed: number }>;

/** The queues of a deployment, one for each kind of job. Methods reject with ioredis's error when Redis is away. */
export type Queues = Readonly<{
  /** Adds a job unless one with its id waits or runs. A job that failed for good is added again. */
  add<P>(definition: JobDefinition<P>, payload: P): Promise<void>;
  /** Adds the jobs that a sweep found due. One that is in no state of its queue keeps none from being added. */
  addAll<P>(definition: JobDefinition<P>, payloads: readonly P[]): Promise<void>;
  /** Removes those of these jobs that are in no state of their queue, so that they can be added again. */
  forgetOrphans(queueName: string, jobIds: readonly string[]): Promise<void>;
  /** Removes what would stop a queue for good. */
  mend(queueName: string, options: MendOptions): Promise<Mended>;
  /** The ids of the schedules that Redis has for a queue. */
  listSchedules(queueName: string): Promise<string[]>;
  /** The ids of delayed jobs that come due after a time, in Unix milliseconds; a thousand at most. */
  listLate(queueName: string, afterMs: number): Promise<string[]>;
  isLate(queueName: string, jobId: string, afterMs: number): Promise<boolean>;
  /** How many jobs of these queues wait, run, or come due within a time. */
  countRunnable(queueNames: readonly string[], withinMs: number): Promise<number>;
  /** Jobs by state, of each queue. */
  counts(): Promise<ReadonlyMap<string, QueueCounts>>;
  /** Jobs that ended, by queue, since Redis last lost its data. */
  totals(): Promise<ReadonlyMap<string, Readonly<{ completed: number; failed: number }>>>;
  all: readonly Queue[];
  close(): Promise<void>;
}>;

/** Makes the queues of all `JOB_DEFINITIONS`. Closing them leaves `redis` open: it belongs to the caller. */
export function createQueues(redis: Redis, mongodbDb: string): Queues {
  const prefix = queuePrefix(mongodbDb);
  const byName = new Map(
    JOB_DEFINITIONS.map(({ name }) => {
      const options = { connection: redis, prefix, defaultJobOptions: RETRY_POLICY };
      const queue = new Queue(name, options, createReadableBackend);
      // The caller gets each failure from its own call. Without a listener BullMQ would print it as well.
      queue.on('error', () => {});
      return [name as string, queue];
    }),
  );
  const all = [...byName.values()];

  function queueOf(name: string): Queue {
    const queue = byName.get(name);
    if (!queue) throw new TypeError(`${name} has no queue`);
    return queue;
  }

  const forget = (name: string, ids: readonly string[]) => forgetOrphans(redis, queueOf(name), ids);

  async function addEach<P>(definition: JobDefinition<P>, payloads: readonly P[]): Promise<void> {
    const queue = queueOf(definition.name);
    const { name, delayMs: delay = 0 } = definition;
    const turns = await assignTurns(queue, definition, payloads);
    const jobs = payloads.map((data, at) => ({
      name,
      data,
      opts: { jobId: definition.id(data), delay, ...(turns && { priority: turns[at] }) },
    }));
    await forgetFailed(queue, new Set(jobs.map(({ opts }) => opts.jobId)));
    await queue.addBulk(jobs);
  }

  return {
    // Many of these follow one another closely, and the sweep adds again what an orphan kept out: it alone looks for them.
    add: (definition, payload) => addEach(definition, [payload]),
    async addAll(definition, payloads) {
      await forget(definition.name, payloads.map(definition.id));
      await addEach(definition, payloads);
    },
    forgetOrphans: forget,
    mend: (name, options) => mendQueue(redis, queueOf(name), options),
    listSchedules: (name) => redis.zrange(queueOf(name).toKey('repeat'), '0', '-1'),
    listLate: (name, afterMs) => listLate(redis, queueOf(name), afterMs),
    isLate: (name, jobId, afterMs) => isLate(redis, queueOf(name), jobId, afterMs),
    async countRunnable(names, withinMs) {
      const counts = names
        .map(queueOf)
        .flatMap((queue) => [
          queue.getJobCountByTypes('waiting', 'prioritized', 'active'),
          countDue(redis, queue, Date.now() + withinMs),
        ]);
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    counts: () =>
      mapQueues(all, async (queue) => {
        const found = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
        const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = found;
        return { waiting: waiting + prioritized, active, delayed, failed };
      }),
    totals: () =>
      mapQueues(all, async (queue) => {
        const [completed, failed] = await Promise.all([
          queue.getMetrics('completed', 0, 0),
          queue.getMetrics('failed', 0, 0),
        ]);
        return { completed: completed.meta.count, failed: failed.meta.count };
      }),
    all,
    async close() {
      await Promise.all(all.map((queue) => queue.close()));
    },
  };
}

async function forgetFailed(queue: Queue, ids: ReadonlySet<string>): Promise<void> {
  const failed = await queue.getRanges(['failed']);
  await Promise.all(failed.filter((id) => ids.has(id)).map((id) => queue.remove(id)));
}

async function mapQueues<T>(
  queues: readonly Queue[],
  ask: (queue: Queue) => Promise<T>,
): Promise<Map<string, T>> {
  return new Map(
    await Promise.all(queues.map(async (queue): Promise<[string, T]> => [queue.name, await ask(queue)])),
  );
}
