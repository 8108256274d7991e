// Times a walk in memory on one thread and on all cores. The hash calls alone, timed beside it, show how much the
// machine's cores can gain at all.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Measurement, spreadOf } from './measurement.ts';
import type { ThreadWay } from './walk-thread.ts';

/** Least gain per core, as a share of one core alone. */
const SCALING_TARGET = 0.9;
const WARM_UP_ROUNDS = 2;

const ENTRY = new URL('./walk-thread.ts', import.meta.url);

export type ThreadWork = Readonly<{
  /** Entries of a log, and logs that a thread walks one after the other. */
  entries: number;
  logs: number;
  threads: number;
  /** Least gain of our walk, in multiples of one thread. */
  target: number;
  id: string;
  label: string;
}>;

/** No measurement on a machine of one core. */
export async function measureThreadSpeed(
  { rounds, entries }: Readonly<{ rounds: number; entries: number }>,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const threads = availableParallelism();
  const label = `ours on ${threads} threads to one`;
  const work = { entries, logs: 1, threads, target: SCALING_TARGET * threads };
  return threads < 2 ? [] : await measureThreads({ ...work, id: 'hash.threads', label }, rounds, signal);
}

/** Times our walk and the hash calls alone. Each thread has logs of its own in memory. */
export async function measureThreads(
  { entries, logs, threads, target, id, label }: ThreadWork,
  rounds: number,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const workers = Array.from({ length: threads }, () => new Worker(ENTRY, { workerData: { entries, logs } }));
  try {
    // Each thread sends a message once its logs are made.
    await Promise.all(workers.map((worker) => once(worker, 'message', { signal })));
    const gains: Record<ThreadWay, number[]> = { ours: [], limit: [] };
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      for (const way of ['ours', 'limit'] as const) {
        // Times each thread alone, since two cores need not be equal.
        let alone = 0;
        for (const worker of workers) alone += await timeWalks([worker], way, signal);
        const together = await timeWalks(workers, way, signal);
        if (round >= 0) gains[way].push(alone / together);
      }
    }
    const unit = 'times';
    return [
      { id, label, unit, result: spreadOf(gains.ours), target: { atLeast: target } },
      {
        id: `${id}_limit`,
        label: '  the hash calls alone',
        unit,
        result: spreadOf(gains.limit),
        target: null,
      },
    ];
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Seconds until all of them have walked. */
async function timeWalks(workers: readonly Worker[], way: ThreadWay, signal: AbortSignal): Promise<number> {
  const begin = performance.now();
  const walks = workers.map((worker) => once(worker, 'message', { signal }));
  for (const worker of workers) worker.postMessage(way);
  await Promise.all(walks);
  return (performance.now() - begin) / 1000;
}
