// Checking and hashing stored entries in memory, on one thread.
import { hashWays, type LogHashes, type WayName } from './hash-ways.ts';
import { type Measurement, type Spread, spreadOf, type Target, timeInRounds } from './measurement.ts';
import { makeSampleLog } from './sample-log.ts';

/** Entries a second that a thread should reach. */
const SPEED_TARGET = 400_000;
/** Times the obvious way. */
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
  /** No multiple of the segment size, so that the last segment is not full. */
  entries: number;
}>;

export async function measureHashSpeed(
  { rounds, entries }: HashRounds,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const ways = hashWays(makeSampleLog(entries));
  assertAgreement(ways);
  await timeInRounds(ways, WARM_UP_ROUNDS, signal);
  const seconds = await timeInRounds(ways, rounds, signal);

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
    result: ratioOf(seconds[name], seconds.ours),
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

/** Throws unless all ways come to the same root and head hash: a way that is wrong is not worth timing. */
export function assertAgreement(ways: Readonly<Record<string, () => LogHashes>>): void {
  const found = Object.entries(ways).map(([name, run]) => ({ name, ...run() }));
  for (const { name, rootHex, headHashHex } of found) {
    if (rootHex === found[0]?.rootHex && headHashHex === found[0]?.headHashHex) continue;
    throw new Error(`${name} and ${found[0]?.name} do not come to the same root and head hash`);
  }
}

/** Of runs of the same round, which share the machine's mood. */
function ratioOf(dividends: readonly number[], divisors: readonly number[]): Spread {
  return spreadOf(dividends.map((dividend, round) => dividend / (divisors[round] as number)));
}
