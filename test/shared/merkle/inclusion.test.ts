import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashLeaf } from '../../../shared/merkle/hash.ts';
import { inclusionRanges } from '../../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../../shared/merkle/prove.ts';
import { rootFromInclusion, verifyInclusion } from '../../../shared/merkle/verify-proof.ts';
import { naivePath } from '../../support/naive-merkle-tree.ts';
import { damagedHashes, flipBit, hashesOf, leavesOf, rememberRoots } from '../../support/proof-damages.ts';
import vectors from '../../vectors/rfc6962.json' with { type: 'json' };

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const SIZE_MAX = 300;
const ODD_NUMBERS = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)];

describe('inclusion proofs', () => {
  const leaves = leavesOf(SIZE_MAX + 1);
  const leafHashes = leaves.map(hashLeaf);
  const rootOf = rememberRoots();
  const root = (size: number) => rootOf(leaves.slice(0, size));
  const prove = (index: number, size: number) =>
    proveFrom(inclusionRanges(index, size), hashesOf(leaves.slice(0, size)));
  const inclusion = (index: number, size: number) => ({
    index,
    size,
    leafHash: leafHashes[index] as Uint8Array,
    hashes: prove(index, size),
    root: root(size),
  });

  it(`equal the RFC's PATH for every leaf of every tree of up to ${SIZE_MAX} leaves, and verify`, () => {
    for (let size = 1; size <= SIZE_MAX; size += 1) {
      const tree = leaves.slice(0, size);
      const expectedRoot = root(size);
      for (let index = 0; index < size; index += 1) {
        const hashes = naivePath(index, tree, rootOf);
        const place = `leaf ${index} of ${size}`;
        const ranges = inclusionRanges(index, size);
        const proved = ranges.map(({ begin, end }) => rootOf(leaves.slice(begin, end)));
        assert.ok(Buffer.concat(proved).equals(Buffer.concat(hashes)), place);
        const leafHash = leafHashes[index] as Uint8Array;
        assert.ok(verifyInclusion({ index, size, leafHash, hashes, root: expectedRoot }), place);
      }
    }
  });

  for (const { leaf_index: index, tree_size: size, leaf_hash, root, proof } of vectors.inclusion) {
    it(`the published proof of leaf ${index} of ${size} verifies, and no damaged one does`, () => {
      const whole = { index, size, leafHash: bytes(leaf_hash), root: bytes(root), hashes: proof.map(bytes) };
      assert.ok(verifyInclusion(whole));
      for (const [damage, hashes] of damagedHashes(whole.hashes)) {
        assert.equal(verifyInclusion({ ...whole, hashes }), false, damage);
      }
    });
  }

  it('a proof with any damage to its hashes is refused in every tree of up to 40 leaves', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const whole = inclusion(index, size);
        for (const [damage, hashes] of damagedHashes(whole.hashes)) {
          assert.equal(verifyInclusion({ ...whole, hashes }), false, `${index} of ${size}: ${damage}`);
        }
      }
    }
  });

  it('a proof with each single bit of each hash flipped is refused', () => {
    const whole = inclusion(5, 11);
    for (const [at, hash] of whole.hashes.entries()) {
      for (let bit = 0; bit < 256; bit += 1) {
        const hashes = whole.hashes.with(at, flipBit(hash, bit));
        assert.equal(verifyInclusion({ ...whole, hashes }), false, `hash ${at}, bit ${bit}`);
      }
    }
  });

  it('a proof with another index is refused', () => {
    for (const size of [2, 3, 7, 8, 9, 33, 300]) {
      for (let index = 0; index < size; index += 1) {
        const whole = inclusion(index, size);
        for (const other of [index - 1, index + 1, size, ...ODD_NUMBERS]) {
          assert.equal(verifyInclusion({ ...whole, index: other }), false, `${index} of ${size} as ${other}`);
        }
      }
    }
  });

  it('a proof under another size is refused, or has the same shape there and gives another root', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const whole = inclusion(index, size);
        for (const other of [size - 1, size + 1, 2 * size]) {
          const calculated = rootFromInclusion({ ...whole, size: other });
          const place = `${index} of ${size} as of ${other}`;
          if (other < 1 || other > SIZE_MAX) continue;
          assert.equal(verifyInclusion({ ...whole, size: other, root: root(other) }), false, place);
          // The path of a leaf has the same turns in trees of several sizes, so the size is the checkpoint's to state.
          if (calculated !== null) {
            assert.deepEqual(shapeOf(index, other), shapeOf(index, size), place);
          }
        }
        for (const other of ODD_NUMBERS) assert.equal(verifyInclusion({ ...whole, size: other }), false);
      }
    }
  });

  it('a leaf hash, or a root, that is changed or of another length is refused', () => {
    const whole = inclusion(3, 7);
    for (const other of [flipBit(whole.leafHash, 8), whole.leafHash.subarray(1), new Uint8Array(0)]) {
      assert.equal(verifyInclusion({ ...whole, leafHash: other }), false);
    }
    const longer = Buffer.concat([whole.root, Buffer.of(0)]);
    for (const other of [flipBit(whole.root, 255), whole.root.subarray(1), longer, new Uint8Array(0)]) {
      assert.equal(verifyInclusion({ ...whole, root: other }), false);
    }
    assert.equal(verifyInclusion({ ...whole, leafHash: whole.root, root: whole.leafHash }), false);
  });

  it('the only leaf of a tree is its root, with no hashes', () => {
    const [leafHash] = leafHashes as [Uint8Array];
    assert.ok(verifyInclusion({ index: 0, size: 1, leafHash, hashes: [], root: leafHash }));
    assert.equal(rootFromInclusion({ index: 0, size: 0, leafHash, hashes: [] }), null);
    assert.equal(rootFromInclusion({ index: 0, size: 1, leafHash: new Uint8Array(31), hashes: [] }), null);
  });

  it('a proof in the largest tree has one hash for each level', () => {
    const size = 2 ** 53 - 1;
    assert.equal(inclusionRanges(0, size).length, 53);
    assert.deepEqual(inclusionRanges(size - 1, size).at(-1), { begin: 0, end: 2 ** 52 });
    const hashes = inclusionRanges(0, size).map(() => new Uint8Array(32));
    assert.notEqual(rootFromInclusion({ index: 0, size, leafHash: new Uint8Array(32), hashes }), null);
  });

  it('ranges of a leaf that the tree has not are not given', () => {
    for (const index of [3, ...ODD_NUMBERS]) assert.throws(() => inclusionRanges(index, 3), RangeError);
    for (const size of [0, ...ODD_NUMBERS]) assert.throws(() => inclusionRanges(0, size), RangeError);
  });
});

/** On which side each sibling stands. */
function shapeOf(index: number, size: number): string[] {
  return inclusionRanges(index, size).map(({ begin }) => (begin > index ? 'right' : 'left'));
}
