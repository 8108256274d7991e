import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompactRange, peakSizes } from '../../../shared/merkle/compact-range.ts';
import { hashLeaf, hashNode } from '../../../shared/merkle/hash.ts';
import { computeRoot } from '../../../shared/merkle/root.ts';
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
