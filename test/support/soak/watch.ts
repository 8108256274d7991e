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
  /** By API, oldest first. */
  memory: Readonly<Record<string, readonly Memory[]>>;
}>;

/** The memory of a process, in MB. */
export type Memory = Readonly<{
  resident: number;
  /** What its main thread's heap holds, and what it may hold without growing; buffers. Zero where it did not answer. */
  used: number;
  heap: number;
  external: number;
}>;

export async function watch(
  cluster: Cluster,
  { now }: Pick<Kills, 'now'>,
  isOver: () => boolean,
): Promise<Watched> {
  const wrong: string[] = [];
  let looks = 0;
  const memory: Record<string, Memory[]> = Object.fromEntries(cluster.apis.map(({ name }) => [name, []]));

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
      for (const { name, url, pid } of cluster.apis) memory[name]?.push(await readMemory(url, pid()));
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

async function readMemory(url: string, pid: number): Promise<Memory> {
  const resident = residentMegabytes(pid);
  const metrics = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.text())
    .catch(() => '');
  const megabytes = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(metrics)?.[1] ?? 0) / 1e6;
  return {
    resident,
    used: megabytes('nodejs_heap_size_used_bytes'),
    heap: megabytes('nodejs_heap_size_total_bytes'),
    external: megabytes('nodejs_external_memory_bytes'),
  };
}

/** The median of each third of the samples. */
export function thirdsOf(samples: readonly number[]): readonly [number, number, number] {
  const third = Math.floor(samples.length / 3);
  return [
    medianOf(samples.slice(0, third)),
    medianOf(samples.slice(third, 2 * third)),
    medianOf(samples.slice(2 * third)),
  ];
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
}
