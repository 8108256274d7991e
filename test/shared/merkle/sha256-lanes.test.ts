import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  foldLeaves,
  foldPairs,
  INNER_AT,
  LANES_ROOM,
  LEAVES_AT,
  OUTER_AT,
  openPlainLanes,
  openVectorLanes,
  type Sha256Lanes,
} from '../../../shared/merkle/sha256-lanes.ts';

function hashAt({ memory }: Sha256Lanes, area: number, i: number): Buffer {
  return Buffer.from(memory.subarray(area + 32 * i, area + 32 * (i + 1)));
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The hash of a whole subtree (RFC 6962 section 2.1), naively. */
function nodeOf(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 1) return hashes[0] as Buffer;
  const half = hashes.length / 2;
  return sha256(Uint8Array.of(1), nodeOf(hashes.slice(0, half)), nodeOf(hashes.slice(half)));
}

function opened(lanes: Sha256Lanes | null): Sha256Lanes {
  assert.ok(lanes, 'This processor has no vectors of 128 bits');
  return lanes;
}

/** Bytes whose bits are all 0, all 1, or anything: carries run through whole words, or not at all. */
const FILLS = [
  (size: number) => Buffer.alloc(size),
  (size: number) => Buffer.alloc(size, 0xff),
  ...Array.from({ length: 20 }, () => randomBytes),
];

for (const [name, open] of Object.entries({ vector: openVectorLanes, plain: openPlainLanes })) {
  describe(`${name} lanes`, () => {
    const lanes = opened(open());

    it('lanes hash a block and a hash as OpenSSL does, whatever was hashed before', () => {
      for (const fill of FILLS) {
        const block = fill(64);
        const prepared = lanes.prepare(block);
        // What is prepared lasts, whatever is prepared or hashed afterwards.
        lanes.prepare(randomBytes(64));
        for (const count of [1, 2, 3, 4, 5, LANES_ROOM - 1, LANES_ROOM]) {
          lanes.memory.set(fill(32 * count), INNER_AT);
          const inner = Array.from({ length: count }, (_, i) => hashAt(lanes, INNER_AT, i));
          lanes.hashInner(prepared, count);
          for (const [i, hash] of inner.entries()) {
            assert.deepEqual(hashAt(lanes, OUTER_AT, i), sha256(block, hash));
          }
        }
      }
    });

    it('lanes fold leaves into the nodes of RFC 6962, and change no bytes before them', () => {
      for (const fill of FILLS) {
        for (const [begin, count] of [
          ...[0, 1, 7, 8, 15, 16, 40, 63, LANES_ROOM].map((count): [number, number] => [0, count]),
          ...[1, 2, 4, 6, 8, 16, 256].map((begin): [number, number] => [begin, LANES_ROOM]),
        ]) {
          lanes.memory.set(fill(32 * LANES_ROOM), LEAVES_AT);
          lanes.memory[LEAVES_AT - 1] = 0xa5;
          const leaves = Array.from({ length: count }, (_, i) => hashAt(lanes, LEAVES_AT, i));
          const subtrees = foldLeaves(lanes, begin, count);
          let at = 0;
          for (const { index, count, width } of subtrees) {
            assert.equal((begin + at) % width, 0);
            for (let i = index; i < index + count; i += 1, at += width) {
              assert.deepEqual(hashAt(lanes, LEAVES_AT, i), nodeOf(leaves.slice(at, at + width)));
            }
          }
          assert.equal(at, count);
          assert.equal(lanes.memory[LEAVES_AT - 1], 0xa5);
        }
      }
    });

    it('any number of pairs is folded, and no hash behind them is changed', () => {
      for (const count of [0, 1, 3, 4, 5, 31, 32, 33, 36, 64, 127, 128]) {
        const hashes = randomBytes(32 * (2 * count + 1));
        const given = Array.from({ length: 2 * count + 1 }, (_, i) =>
          Buffer.from(hashes.subarray(32 * i, 32 * (i + 1))),
        );
        foldPairs(lanes, hashes, count);
        for (let i = 0; i < count; i += 1) {
          const node = hashes.subarray(32 * i, 32 * (i + 1));
          assert.deepEqual(node, nodeOf(given.slice(2 * i, 2 * i + 2)));
        }
        assert.deepEqual(hashes.subarray(64 * count), given.at(-1));
      }
    });

    it('lanes fold a run of leaves as far as full lanes go, wherever it ends', () => {
      const widths = (begin: number, count: number) =>
        foldLeaves(lanes, begin, count).map(({ count, width }) => [count, width]);
      assert.deepEqual(widths(0, LANES_ROOM), [[4, 16]]);
      assert.deepEqual(widths(0, 40), [
        [4, 8],
        [4, 2],
      ]);
      assert.deepEqual(widths(4, LANES_ROOM), [[16, 4]]);
      assert.deepEqual(widths(1, LANES_ROOM), [[LANES_ROOM, 1]]);
      assert.deepEqual(widths(0, 7), [[7, 1]]);
    });
  });
}
