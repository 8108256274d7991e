// Checking and hashing stored entries in memory, on one thread.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type LogHashes, WAY_NAMES, type WayName } from './hash-ways.ts';
import { type Measurement, ratiosOf, spreadOf, type Target, timeInRounds } from './measurement.ts';
import { makeSampleLog } from './sample-log.ts';
import type { WayWork } from './way-thread.ts';

/** Entries a second that a thread should reach. */
const SPEED_TARGET = 400_000;
/** How many times as fast as the obvious way. */
const RATIO_TARGET = 8;

/** Enough for every way to be compiled. */
const WARM_UP_ROUNDS = 2;

const LABELS: Record<WayName, string> = {
  ours: 'ours',
  obvious: 'the obvious way, key as bytes',
  obviousWithKeyObject: 'the obvious way, key as KeyObject',
  obviousWithPackage: 'the obvious way, tree by merkletreejs',
  limit: 'the limit: the hash calls alone',
};

export type HashRounds = Readonly<{
  rounds: number;
  /** Not a multiple of the segment size, so that the last segment is not full. */
  entries: number;
}>;

export async function measureHashSpeed(sizes: HashRounds, signal: AbortSignal): Promise<Measurement[]> {
  const { entries } = sizes;
  const seconds = await timeWays(sizes, signal);

  const speed = (name: WayName, target: Target | null): Measurement => ({
    id: `hash.${name}`,
    label: LABELS[name],
    unit: 'entries/s',
    result: spreadOf(seconds[name].map((each) => entries / each)),
    target,
  });
  const ratio = (name: WayName, target: Target | null): Measurement => ({
    id: `hash.ours_to_${name}`,
    label: `ours to ${LABELS[name]}`,
    unit: 'times',
    result: ratiosOf(seconds[name], seconds.ours),
    target,
  });
  return [
    speed('ours', { atLeast: SPEED_TARGET }),
    speed('obvious', null),
    speed('obviousWithKeyObject', null),
    speed('obviousWithPackage', null),
    speed('limit', null),
    ratio('obvious', { atLeast: RATIO_TARGET }),
    ratio('obviousWithKeyObject', null),
    ratio('obviousWithPackage', null),
    ratio('limit', null),
  ];
}

const ENTRY = new URL('./way-thread.ts', import.meta.url);

/**
 * Seconds of every way by round. Each way has a thread of its own, as reports have. In a shared heap a way would pay
 * for the garbage of the way before it, and would lose compiled code to the collections of others.
 */
async function timeWays(
  { rounds, entries }: HashRounds,
  signal: AbortSignal,
): Promise<Record<WayName, number[]>> {
  const sample = makeSampleLog(entries);
  const start = (name: WayName) => new Worker(ENTRY, { workerData: { sample, name } satisfies WayWork });
  const threads = WAY_NAMES.map((name) => ({ name, worker: start(name) }));
  try {
    const found: Record<string, LogHashes> = {};
    for (const { name, worker } of threads) found[name] = await askForHashes(worker, signal);
    assertAgreement(found);
    const ways = Object.fromEntries(
      threads.map(({ name, worker }) => [name, () => askForHashes(worker, signal)]),
    ) as Record<WayName, () => Promise<LogHashes>>;
    await timeInRounds(ways, WARM_UP_ROUNDS, signal);
    return await timeInRounds(ways, rounds, signal);
  } finally {
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}

async function askForHashes(worker: Worker, signal: AbortSignal): Promise<LogHashes> {
  const answered = once(worker, 'message', { signal });
  worker.postMessage('run');
  const [hashes] = (await answered) as [LogHashes];
  return hashes;
}

/** Throws unless all ways give the same root and head hash: a wrong way is not worth timing. */
export function assertAgreement(found: Readonly<Record<string, LogHashes>>): void {
  const ways = Object.entries(found);
  const [first, expected] = ways[0] ?? ['', undefined];
  for (const [name, { rootHex, headHashHex }] of ways) {
    if (rootHex === expected?.rootHex && headHashHex === expected.headHashHex) continue;
    throw new Error(`${name} and ${first} give different roots or head hashes`);
  }
}
