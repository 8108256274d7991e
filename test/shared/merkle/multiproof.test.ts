import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { emptyRoot, hashLeaf } from '../../../shared/merkle/hash.ts';
import { multiproofRanges, type Subtree, stretchRanges } from '../../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../../shared/merkle/prove.ts';
import { rootFromMultiproof, rootFromStretch } from '../../../shared/merkle/verify-proof.ts';
import { damagedHashes, flipBit, hashesOf, leavesOf, rememberRoots } from '../../support/proof-damages.ts';

const ODD_NUMBERS = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
const LEAVES = leavesOf(5000);
const LEAF_HASHES = LEAVES.map(hashLeaf);
const rootOf = rememberRoots();
const root = (size: number) => Buffer.from(rootOf(LEAVES.slice(0, size)));
const hashesFor = (ranges: readonly Subtree[], size: number) =>
  proveFrom(ranges, hashesOf(LEAVES.slice(0, size)));

/** Whether a calculated root is the tree's. */
const isRoot = (calculated: Uint8Array | null, size: number) =>
  calculated !== null && root(size).equals(calculated);

function multiproof(indexes: readonly number[], size: number) {
  const leafHashes = indexes.map((index) => LEAF_HASHES[index] as Uint8Array);
  return { indexes, leafHashes, size, hashes: hashesFor(multiproofRanges(indexes, size), size) };
}

function stretch(from: number, to: number, size: number) {
  const leafHashes = LEAF_HASHES.slice(from, to);
  return { from, leafHashes, size, hashes: hashesFor(stretchRanges(from, to, size), size) };
}

/** The definition, word for word: subtrees of RFC 6962 splits that hold none of the leaves, none inside another. */
function naiveRanges(isGiven: (index: number) => boolean, begin: number, end: number): Subtree[] {
  const leaves = Array.from({ length: end - begin }, (_, i) => begin + i);
  if (!leaves.some(isGiven)) return [{ begin, end }];
  if (leaves.length === 1) return [];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return [...naiveRanges(isGiven, begin, begin + k), ...naiveRanges(isGiven, begin + k, end)];
}

describe('multiproofs', () => {
  it('hold for every set of leaves of every tree of up to 10 leaves', () => {
    for (let size = 1; size <= 10; size += 1) {
      for (let set = 0; set < 2 ** size; set += 1) {
        const isGiven = (index: number) => (set & (1 << index)) !== 0;
        const indexes = Array.from({ length: size }, (_, i) => i).filter(isGiven);
        const whole = multiproof(indexes, size);
        const place = `${indexes} of ${size}`;
        assert.deepEqual(multiproofRanges(indexes, size), naiveRanges(isGiven, 0, size), place);
        assert.ok(isRoot(rootFromMultiproof(whole), size), place);
      }
    }
  });

  it('with any damage are refused, for every set of leaves of every tree of up to 7 leaves', () => {
    for (let size = 1; size <= 7; size += 1) {
      for (let set = 1; set < 2 ** size; set += 1) {
        const indexes = Array.from({ length: size }, (_, i) => i).filter((i) => (set & (1 << i)) !== 0);
        refusesDamage(multiproof(indexes, size), `${indexes} of ${size}`);
      }
    }
  });

  it('hold for leaves chosen at random in larger trees, and with any damage are refused', () => {
    const trees = fc
      .integer({ min: 1, max: 400 })
      .chain((size) => fc.tuple(fc.constant(size), fc.uniqueArray(fc.nat(size - 1), { maxLength: 30 })));
    fc.assert(
      fc.property(trees, ([size, chosen]) => {
        const indexes = chosen.sort((a, b) => a - b);
        const whole = multiproof(indexes, size);
        assert.ok(isRoot(rootFromMultiproof(whole), size));
        if (indexes.length > 0) refusesDamage(whole, `${indexes} of ${size}`);
      }),
      { numRuns: 60 },
    );
  });

  it('without leaves are the root alone, and of the empty tree nothing', () => {
    assert.deepEqual(multiproofRanges([], 5), [{ begin: 0, end: 5 }]);
    assert.deepEqual(multiproof([], 5).hashes, [root(5)]);
    assert.deepEqual(multiproofRanges([], 0), []);
    const empty = rootFromMultiproof({ indexes: [], leafHashes: [], size: 0, hashes: [] });
    assert.deepEqual(empty, emptyRoot());
  });

  it('with indexes that are not ascending, or not of the tree, are refused', () => {
    const whole = multiproof([2, 5], 9);
    const others = [[5, 2], [2, 2], [2, 9], [2], [2, 5, 6], ...ODD_NUMBERS.map((odd) => [2, odd])];
    for (const indexes of others) assert.equal(rootFromMultiproof({ ...whole, indexes }), null, `${indexes}`);
    for (const indexes of [[5, 2], [2, 2], [2, 9], ...ODD_NUMBERS.map((odd) => [odd])]) {
      assert.throws(() => multiproofRanges(indexes, 9), RangeError, `${indexes}`);
    }
    for (const size of ODD_NUMBERS) {
      assert.equal(rootFromMultiproof({ ...whole, size }), null);
      assert.throws(() => multiproofRanges([], size), RangeError);
    }
  });

  it('in the largest tree are as long as the leaves make them', () => {
    const size = 2 ** 53 - 1;
    assert.equal(multiproofRanges([0, size - 1], size).length, 53 - 1 + 52 - 1);
  });
});

describe('multiproofs of a stretch', () => {
  it('hold for every stretch of every tree of up to 64 leaves, and equal the multiproof of its indexes', () => {
    for (let size = 0; size <= 64; size += 1) {
      for (let from = 0; from <= size; from += 1) {
        for (let to = from; to <= size; to += 1) {
          const indexes = Array.from({ length: to - from }, (_, i) => from + i);
          const ranges = stretchRanges(from, to, size);
          assert.deepEqual(ranges, multiproofRanges(indexes, size));
          const hashes = ranges.map(({ begin, end }) => rootOf(LEAVES.slice(begin, end)));
          const leafHashes = LEAF_HASHES.slice(from, to);
          const place = `[${from}, ${to}) of ${size}`;
          assert.ok(isRoot(rootFromStretch({ from, leafHashes, size, hashes }), size), place);
        }
      }
    }
  });

  it('with any damage are refused, for every stretch of every tree of up to 12 leaves', () => {
    for (let size = 1; size <= 12; size += 1) {
      for (let from = 0; from < size; from += 1) {
        for (let to = from + 1; to <= size; to += 1) {
          const whole = stretch(from, to, size);
          const place = `[${from}, ${to}) of ${size}`;
          for (const [damage, hashes] of damagedHashes(whole.hashes)) {
            assert.equal(isRoot(rootFromStretch({ ...whole, hashes }), size), false, `${place}: ${damage}`);
          }
          for (const [damage, leafHashes] of damagedHashes(whole.leafHashes)) {
            const calculated = rootFromStretch({ ...whole, leafHashes });
            assert.equal(isRoot(calculated, size), false, `${place}: leaves: ${damage}`);
          }
          for (const other of [from - 1, from + 1, ...ODD_NUMBERS]) {
            const calculated = rootFromStretch({ ...whole, from: other });
            assert.equal(isRoot(calculated, size), false, `${place} from ${other}`);
          }
          for (const other of [size - 1, 2 * size, ...ODD_NUMBERS]) {
            const calculated = rootFromStretch({ ...whole, size: other });
            assert.equal(calculated !== null && isRoot(calculated, other), false, `${place} of ${other}`);
          }
        }
      }
    }
  });

  it('hold for long stretches of larger trees', () => {
    for (const [from, to, size] of [
      [0, 5000, 5000],
      [1, 4999, 5000],
      [0, 4097, 4998],
      [4095, 4097, 5000],
      [2048, 4096, 4999],
    ] as const) {
      assert.ok(isRoot(rootFromStretch(stretch(from, to, size)), size), `[${from}, ${to}) of ${size}`);
    }
  });

  it('are not given for what is no stretch of the tree', () => {
    for (const [from, to] of [
      [3, 2],
      [0, 6],
      ...ODD_NUMBERS.flatMap((odd) => [
        [odd, 3],
        [0, odd],
      ]),
    ] as [number, number][]) {
      assert.throws(() => stretchRanges(from, to, 5), RangeError, `[${from}, ${to})`);
    }
  });
});

describe('hashes of a proof', () => {
  it('are made of blocks of leaf hashes, however large a subtree is', () => {
    const asked: number[] = [];
    const [proved] = proveFrom([{ begin: 0, end: 5000 }], (begin, end) => {
      asked.push(end - begin);
      return Buffer.concat(LEAF_HASHES.slice(begin, end));
    });
    assert.deepEqual(asked, [4096, 904]);
    assert.ok(isRoot(proved as Uint8Array, 5000));
  });

  it('are not made of too few or too many bytes', () => {
    for (const length of [0, 63, 65, 96]) {
      const range = { begin: 0, end: 2 };
      assert.throws(() => proveFrom([range], () => new Uint8Array(length)), RangeError, `${length}`);
    }
  });
});

function refusesDamage(whole: ReturnType<typeof multiproof>, place: string): void {
  const { indexes, leafHashes, size } = whole;
  const refuses = (damage: string, change: Partial<typeof whole>) => {
    const calculated = rootFromMultiproof({ ...whole, ...change });
    assert.equal(isRoot(calculated, size), false, `${place}: ${damage}`);
  };
  for (const [damage, hashes] of damagedHashes(whole.hashes)) refuses(damage, { hashes });
  for (const [damage, hashes] of damagedHashes(leafHashes))
    refuses(`leaves: ${damage}`, { leafHashes: hashes });
  for (const [at, index] of indexes.entries()) {
    refuses(`index ${index} one less`, { indexes: indexes.with(at, index - 1) });
    refuses(`index ${index} one more`, { indexes: indexes.with(at, index + 1) });
    refuses(`leaf ${index} left out`, {
      indexes: indexes.toSpliced(at, 1),
      leafHashes: leafHashes.toSpliced(at, 1),
    });
    const changed = flipBit(leafHashes[at] as Uint8Array, 200);
    refuses(`leaf ${index} changed`, { leafHashes: leafHashes.with(at, changed) });
  }
}
