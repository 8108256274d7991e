import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyRoot } from '../../../shared/merkle/hash.ts';
import { consistencyRanges } from '../../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../../shared/merkle/prove.ts';
import { verifyConsistency } from '../../../shared/merkle/verify-proof.ts';
import { naiveProof } from '../../support/naive-merkle-tree.ts';
import { damagedHashes, flipBit, hashesOf, leavesOf, rememberRoots } from '../../support/proof-damages.ts';
import vectors from '../../vectors/rfc6962.json' with { type: 'json' };

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const SIZE_MAX = 300;
const ODD_NUMBERS = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];

describe('consistency proofs', () => {
  const leaves = leavesOf(SIZE_MAX + 1);
  const rootOf = rememberRoots();
  const root = (size: number) => rootOf(leaves.slice(0, size));
  const consistency = (oldSize: number, size: number) => ({
    oldSize,
    size,
    oldRoot: root(oldSize),
    root: root(size),
    hashes: proveFrom(consistencyRanges(oldSize, size), hashesOf(leaves.slice(0, size))),
  });

  it(`equal the RFC's PROOF between every two trees of up to ${SIZE_MAX} leaves, and verify`, () => {
    for (let size = 1; size <= SIZE_MAX; size += 1) {
      const tree = leaves.slice(0, size);
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        const hashes = naiveProof(oldSize, tree, rootOf);
        const place = `from ${oldSize} to ${size}`;
        const ranges = consistencyRanges(oldSize, size);
        const proved = ranges.map(({ begin, end }) => rootOf(leaves.slice(begin, end)));
        assert.ok(Buffer.concat(proved).equals(Buffer.concat(hashes)), place);
        assert.ok(
          verifyConsistency({ oldSize, size, oldRoot: root(oldSize), root: root(size), hashes }),
          place,
        );
      }
    }
  });

  for (const { size1, size2, root1, root2, proof } of vectors.consistency) {
    it(`the published proof from ${size1} to ${size2} leaves verifies, and no damaged one does`, () => {
      const whole = {
        oldSize: size1,
        size: size2,
        oldRoot: bytes(root1),
        root: bytes(root2),
        hashes: proof.map(bytes),
      };
      assert.ok(verifyConsistency(whole));
      for (const [damage, hashes] of damagedHashes(whole.hashes)) {
        assert.equal(verifyConsistency({ ...whole, hashes }), false, damage);
      }
    });
  }

  // filippo.io/torchwood v0.10.0, cmd/litewitness/testdata/litewitness.txt.
  it('the proofs that a published witness test takes verify, and the one that it refuses does not', () => {
    const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
    const leaf = (index: number) => Uint8Array.from([42, index, ...new Uint8Array(30)]);
    const roots = {
      1: leaf(0),
      3: fromBase64('RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0='),
      5: fromBase64('QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY='),
    };
    const first = { oldSize: 1, size: 3, oldRoot: roots[1], root: roots[3] };
    const second = { oldSize: 3, size: 5, oldRoot: roots[3], root: roots[5] };
    const left = fromBase64('wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=');
    assert.ok(verifyConsistency({ ...first, hashes: [leaf(1), leaf(2)] }));
    assert.ok(verifyConsistency({ ...second, hashes: [leaf(2), leaf(3), left, leaf(4)] }));
    const changed = leaf(2).with(30, 0x10);
    assert.equal(verifyConsistency({ ...first, hashes: [leaf(1), changed] }), false);
    assert.equal(verifyConsistency({ ...first, hashes: [] }), false);
  });

  it('a proof with any damage is refused between every two trees of up to 24 leaves', () => {
    for (let size = 1; size <= 24; size += 1) {
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        const whole = consistency(oldSize, size);
        const place = `from ${oldSize} to ${size}`;
        assert.ok(verifyConsistency(whole), place);
        for (const [damage, hashes] of damagedHashes(whole.hashes)) {
          assert.equal(verifyConsistency({ ...whole, hashes }), false, `${place}: ${damage}`);
        }
        const oldRoots = [flipBit(whole.oldRoot, 77), whole.oldRoot.subarray(1), new Uint8Array(0)];
        for (const oldRoot of oldRoots) assert.equal(verifyConsistency({ ...whole, oldRoot }), false, place);
        const roots = [flipBit(whole.root, 77), whole.root.subarray(1), new Uint8Array(0)];
        for (const other of roots) assert.equal(verifyConsistency({ ...whole, root: other }), false, place);
        if (oldSize === size) continue;
        const swapped = { ...whole, oldRoot: whole.root, root: whole.oldRoot };
        assert.equal(verifyConsistency(swapped), false, `${place}: the roots swapped`);
        assert.equal(
          verifyConsistency({ ...whole, oldRoot: whole.root }),
          false,
          `${place}: the new root twice`,
        );
      }
    }
  });

  it('a proof between other sizes is refused', () => {
    for (let size = 2; size <= 40; size += 1) {
      for (let oldSize = 1; oldSize < size; oldSize += 1) {
        const whole = consistency(oldSize, size);
        for (const other of [oldSize - 1, oldSize + 1, size, size + 1, ...ODD_NUMBERS]) {
          const place = `from ${oldSize} to ${size} as from ${other}`;
          assert.equal(verifyConsistency({ ...whole, oldSize: other }), false, place);
        }
        for (const other of [oldSize, oldSize - 1, ...ODD_NUMBERS]) {
          const place = `from ${oldSize} to ${size} as to ${other}`;
          assert.equal(verifyConsistency({ ...whole, size: other }), false, place);
        }
      }
    }
  });

  it('a proof does not show that a tree extends another one of the same size', () => {
    const others = leavesOf(24).with(3, Buffer.from('another leaf'));
    for (let size = 5; size <= 24; size += 1) {
      const whole = consistency(4, size);
      const otherRoot = rememberRoots()(others.slice(0, size));
      assert.equal(verifyConsistency({ ...whole, root: otherRoot }), false);
    }
  });

  it('every tree extends the empty one, whose root is known', () => {
    const whole = consistency(0, 5);
    assert.deepEqual(whole.hashes, []);
    assert.ok(verifyConsistency(whole));
    assert.ok(verifyConsistency({ ...whole, size: 0, root: emptyRoot() }));
    assert.equal(verifyConsistency({ ...whole, oldRoot: root(5) }), false);
    assert.equal(verifyConsistency({ ...whole, size: 0 }), false);
    assert.equal(verifyConsistency({ ...whole, root: new Uint8Array(31) }), false);
    assert.equal(verifyConsistency({ ...whole, hashes: [root(5)] }), false);
  });

  it('trees of one size are consistent where their roots are equal, with no hashes', () => {
    const whole = consistency(6, 6);
    assert.ok(verifyConsistency(whole));
    assert.equal(verifyConsistency({ ...whole, root: root(7) }), false);
    assert.equal(verifyConsistency({ ...whole, hashes: [root(6)] }), false);
  });

  it('ranges from a larger tree to a smaller one are not given', () => {
    assert.throws(() => consistencyRanges(4, 3), RangeError);
    for (const size of ODD_NUMBERS) assert.throws(() => consistencyRanges(size, 3), RangeError);
    for (const size of ODD_NUMBERS) assert.throws(() => consistencyRanges(0, size), RangeError);
  });

  it('a proof between the largest trees has one hash more than levels at most', () => {
    const size = 2 ** 53 - 1;
    assert.equal(consistencyRanges(2 ** 52, size).length, 1);
    assert.equal(consistencyRanges(2 ** 52 - 1, size).length, 54);
  });
});
