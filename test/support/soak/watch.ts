// Looks at the cluster from outside while it works: whether its health is told rightly, and what memory it takes.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Kills } from './kills.ts';

const HEALTH_EVERY_MS = 500;
const MEMORY_EVERY_MS = 5_000;
/** What an API gets to see that something went or came back: connections are made anew, jobs are taken up. */
const GRACE_MS = 12_000;

const EXPECTED = { redis: 'degraded', mongodb: 'unavailable', worker: 'ok' } as const;

export type Watched = Readonly<{
  /** Looks at the health of one API. */
  looks: number;
  /** Looks that showed another state than the cluster was in. */
  wrong: readonly string[];
  /** Of each API, in MB, oldest first. */
  memory: Readonly<Record<string, readonly number[]>>;
}>;

export async function watch(
  cluster: Cluster,
  { now }: Pick<Kills, 'now'>,
  isOver: () => boolean,
): Promise<Watched> {
  const wrong: string[] = [];
  let looks = 0;
  const memory: Record<string, number[]> = Object.fromEntries(cluster.apis.map(({ name }) => [name, []]));

  async function watchHealth(name: string, url: string): Promise<void> {
    while (!isOver()) {
      const before = now();
      const found = await readHealth(url);
      looks += 1;
      const isSteady = now() === before && performance.now() - before.sinceMs > GRACE_MS;
      const expected = before.part === null ? 'ok' : EXPECTED[before.part];
      if (isSteady && found.status !== expected) {
        wrong.push(`${name} said ${found.text} with ${before.part ?? 'nothing'} away`);
      }
      await sleep(HEALTH_EVERY_MS);
    }
  }
  async function watchMemory(): Promise<void> {
    while (!isOver()) {
      for (const api of cluster.apis) memory[api.name]?.push(residentMegabytes(api.pid()));
      await sleep(MEMORY_EVERY_MS);
    }
  }
  await Promise.all([...cluster.apis.map(({ name, url }) => watchHealth(name, url)), watchMemory()]);
  return { looks, wrong, memory };
}

type Told = Readonly<{ status: string; text: string }>;

async function readHealth(url: string): Promise<Told> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    const { status } = JSON.parse(text) as { status: string };
    return { status, text };
  } catch (error) {
    return { status: 'none', text: `nothing (${error instanceof Error ? error.message : 'no error'})` };
  }
}

function residentMegabytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_000;
}

/** The median of the last third of the samples to that of the second: 1 where memory is flat. */
export function growthOf(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  return medianOf(last) / medianOf(second);
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
}
