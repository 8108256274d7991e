import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  FOLDED,
  foldLeaves,
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
        lanes.memory.set(fill(32 * LANES_ROOM), LEAVES_AT);
        lanes.memory[LEAVES_AT - 1] = 0xa5;
        let level = Array.from({ length: LANES_ROOM }, (_, i) => hashAt(lanes, LEAVES_AT, i));
        while (level.length > FOLDED) {
          level = Array.from({ length: level.length / 2 }, (_, i) =>
            sha256(Uint8Array.of(1), level[2 * i] as Buffer, level[2 * i + 1] as Buffer),
          );
        }
        foldLeaves(lanes);
        for (const [i, node] of level.entries()) assert.deepEqual(hashAt(lanes, LEAVES_AT, i), node);
        assert.equal(lanes.memory[LEAVES_AT - 1], 0xa5);
      }
    });
  });
}
