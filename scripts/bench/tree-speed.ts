// Times Merkle trees alone against two well-known packages.
import { createHash } from 'node:crypto';
import { type Measurement, spreadOf, timeInRounds } from './measurement.ts';
import { type TreeName, treeWays } from './tree-ways.ts';

/** Few, since one of the packages takes most of a second for ten thousand. */
const LEAVES = 3000;
const WARM_UP_ROUNDS = 1;

const LABELS: Record<TreeName, string> = {
  ours: 'a tree, ours',
  merkletreejs: 'a tree, merkletreejs with the RFC prefix',
  openzeppelin: 'a tree, @openzeppelin/merkle-tree (Keccak, not the RFC root)',
};

export async function measureTreeSpeed(rounds: number, signal: AbortSignal): Promise<Measurement[]> {
  const ways = treeWays(makeLeafHashes(LEAVES));
  if (ways.ours() !== ways.merkletreejs()) throw new Error('merkletreejs and ours give different roots');
  await timeInRounds(ways, WARM_UP_ROUNDS, signal);
  const seconds = await timeInRounds(ways, rounds, signal);
  return (Object.keys(LABELS) as TreeName[]).map((name) => ({
    id: `tree.${name}`,
    label: LABELS[name],
    unit: 'entries/s',
    result: spreadOf(seconds[name].map((each) => LEAVES / each)),
    target: null,
  }));
}

export function makeLeafHashes(size: number): Buffer[] {
  return Array.from({ length: size }, (_, i) => createHash('sha256').update(`\0${i}`).digest());
}
