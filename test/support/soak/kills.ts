// Kills a part of the cluster, starts it again, and goes on to the next, with quiet times between.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';

/** What is away now, and since when; null while everything runs. */
export type Fault = Readonly<{ part: 'redis' | 'mongodb' | 'worker' | null; sinceMs: number }>;

export type Kills = Readonly<{
  now(): Fault;
  counts: Readonly<Record<'redis' | 'mongodb' | 'worker', number>>;
}>;

const AWAY_MS = 15_000;
const QUIET_MS = 35_000;

/** Until `isOver`, and until everything runs again. The promise is of the end. */
export function killInTurn(
  { mongo, redis, workers }: Cluster,
  isOver: () => boolean,
): Kills & { done: Promise<void> } {
  let fault: Fault = { part: null, sinceMs: performance.now() };
  const counts = { redis: 0, mongodb: 0, worker: 0 };
  const parts = {
    redis,
    mongodb: mongo,
    get worker() {
      return workers[counts.worker % workers.length] as (typeof workers)[number];
    },
  };
  async function away(name: keyof typeof parts): Promise<void> {
    const part = parts[name];
    fault = { part: name, sinceMs: performance.now() };
    await part.kill();
    await sleep(AWAY_MS);
    await part.startAgain();
    counts[name] += 1;
    fault = { part: null, sinceMs: performance.now() };
  }
  async function run(): Promise<void> {
    for (;;) {
      for (const name of ['redis', 'mongodb', 'worker'] as const) {
        for (let waited = 0; waited < QUIET_MS && !isOver(); waited += 500) await sleep(500);
        if (isOver()) return;
        // Another moment of the work each time.
        await sleep(1_000 * Math.random());
        await away(name);
      }
    }
  }
  return { now: () => fault, counts, done: run() };
}
