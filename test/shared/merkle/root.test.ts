import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompactRange, peakSizes } from '../../../shared/merkle/compact-range.ts';
import { emptyRoot, hashLeaf, hashNode } from '../../../shared/merkle/hash.ts';
import { consistencyRanges, inclusionRanges } from '../../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../../shared/merkle/prove.ts';
import { computeRoot } from '../../../shared/merkle/root.ts';
import { verifyConsistency, verifyInclusion } from '../../../shared/merkle/verify-proof.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import vectors from '../../vectors/rfc6962.json' with { type: 'json' };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => Buffer.from(`leaf ${i}`));

function rangeOf(leaves: readonly Uint8Array[], begin: number, end: number): CompactRange {
  const range = new CompactRange(begin);
  for (const leaf of leaves.slice(begin, end)) range.appendLeafHash(hashLeaf(leaf));
  return range;
}

describe('RFC 6962 roots', () => {
  const inputs = vectors.leaf_inputs_hex.map((leaf) => Buffer.from(leaf, 'hex'));
  for (const [size, root] of Object.entries(vectors.roots_by_size)) {
    it(`the root of ${size} leaves equals the published one`, () => {
      assert.equal(hex(computeRoot(inputs.slice(0, Number(size)))), root);
    });
  }

  it('the nodes of the perfect tree equal the published ones', () => {
    let level = inputs.map(hashLeaf);
    for (const published of vectors.perfect_node_hashes_by_level) {
      assert.deepEqual(level.map(hex), published);
      const half = level.filter((_, i) => i % 2 === 0);
      level = half.map((left, i) => hashNode(left, level[2 * i + 1] ?? left));
    }
  });

  for (const [size, peaks] of Object.entries(vectors.compact_range_0_n)) {
    it(`the compact range of ${size} leaves equals the published one`, () => {
      const range = rangeOf(inputs, 0, Number(size));
      assert.equal(hex(range.peaks().peaks), peaks.join(''));
    });
  }

  it('the published roots of large trees are found, and proofs in those trees verify', () => {
    const sizes = Object.keys(vectors.large.roots).map(Number);
    const largest = Math.max(...sizes);
    const hashes = Buffer.alloc(32 * largest);
    for (let i = 0; i < largest; i += 1) hashes.set(hashLeaf(Buffer.from(`${i}`)), 32 * i);
    const leafHashes = (begin: number, end: number) => hashes.subarray(32 * begin, 32 * end);
    const roots = new Map(Object.entries(vectors.large.roots).map(([size, root]) => [Number(size), root]));
    const rootOf = (size: number) => new Uint8Array(Buffer.from(roots.get(size) ?? '', 'hex'));
    let smaller = 0;
    for (const size of sizes.toSorted((a, b) => a - b)) {
      const whole = proveFrom(size === 0 ? [] : [{ begin: 0, end: size }], leafHashes)[0] ?? emptyRoot();
      assert.equal(hex(whole), roots.get(size), `size ${size}`);
      for (const index of size === 0 ? [] : new Set([0, size >> 1, size - 1])) {
        const proof = proveFrom(inclusionRanges(index, size), leafHashes);
        const inclusion = { index, size, leafHash: leafHashes(index, index + 1), hashes: proof };
        assert.ok(verifyInclusion({ ...inclusion, root: rootOf(size) }), `leaf ${index} of ${size}`);
      }
      const parts = proveFrom(consistencyRanges(smaller, size), leafHashes);
      const ends = { oldRoot: rootOf(smaller), root: rootOf(size) };
      assert.ok(verifyConsistency({ oldSize: smaller, size, ...ends, hashes: parts }), `from ${smaller}`);
      smaller = size;
    }
  });

  it('roots agree with the naive recursive tree at every size from 0 to 600', () => {
    const leaves = leavesOf(600);
    for (let size = 0; size <= 600; size += 1) {
      assert.equal(
        hex(computeRoot(leaves.slice(0, size))),
        hex(naiveRoot(leaves.slice(0, size))),
        `size ${size}`,
      );
    }
  });
});

describe('compact ranges', () => {
  it('compact ranges compose into the root of the whole wherever they are cut', () => {
    const leaves = leavesOf(300);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.array(fc.integer({ min: 0, max: 300 })),
        (size, cuts) => {
          const borders = [0, ...cuts.map((cut) => Math.min(cut, size)).sort((a, b) => a - b), size];
          const whole = new CompactRange();
          for (const [i, begin] of borders.slice(0, -1).entries()) {
            whole.append(rangeOf(leaves, begin, borders[i + 1] ?? size).peaks());
          }
          assert.equal(whole.end, size);
          assert.equal(hex(whole.root()), hex(naiveRoot(leaves.slice(0, size))));
        },
      ),
    );
  });

  it('a compact range of an aligned power of two has one peak', () => {
    assert.deepEqual(peakSizes(512, 768), [256]);
    assert.equal(rangeOf(leavesOf(768), 512, 768).peaks().peaks.length, 32);
  });

  it('a compact range has room for the peaks of any tree', () => {
    // 53 peaks, from 2^52 leaves down to one.
    const peaks = leavesOf(53).map(hashLeaf);
    const range = new CompactRange();
    for (const [i, peak] of peaks.entries()) range.appendSubtrees(Buffer.from(peak), 0, 1, 2 ** (52 - i));
    assert.equal(range.end, 2 ** 53 - 1);
    assert.deepEqual(Buffer.from(range.peaks().peaks), Buffer.concat(peaks));
    assert.equal(hex(range.root()), hex(peaks.reduceRight((right, left) => hashNode(left, right))));
    // The last leaf folds them all into one.
    range.appendLeafHash(peaks[0] as Uint8Array);
    assert.equal(range.peaks().peaks.length, 32);
  });

  it('a compact range refuses a range that does not touch it', () => {
    assert.throws(() => new CompactRange(0).append(new CompactRange(1).peaks()), RangeError);
  });

  it('a compact range has a root only from leaf 0', () => {
    assert.throws(() => new CompactRange(1).root(), RangeError);
  });
});
