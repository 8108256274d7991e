import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createAuditKey } from '../../../shared/audit/audit-keys.ts';
import {
  ChainHasher,
  computeKeyCheck,
  ENTRY_LIMIT,
  sameDigits,
  spellsDigest,
} from '../../../shared/audit/chain.ts';
import { signEntries } from '../../../shared/log-writer/draft.ts';
import { AGENT_ID, SESSION_ID } from '../../support/entries.ts';
import { naiveHash } from '../../support/naive-chain.ts';

const KEY = new Uint8Array(32).fill(7);
const LOG = { agentId: AGENT_ID, sessionId: SESSION_ID };

function hmac(key: Uint8Array, prevHash: Uint8Array, text: Uint8Array): string {
  return createHmac('sha256', key).update(prevHash).update(text).digest('hex');
}

describe('ChainHasher', () => {
  it('ChainHasher computes the HMAC of createHmac, for keys and texts of every length around a block', () => {
    const digest = Buffer.alloc(32);
    const prevHash = Buffer.alloc(32, 0xa5);
    for (const keyLength of [32, 33, 63, 64, 65, 128]) {
      const key = new Uint8Array(keyLength).map((_, i) => i * 7 + keyLength);
      const hasher = new ChainHasher(key);
      for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 300, 4096, ENTRY_LIMIT]) {
        const text = Buffer.alloc(length, 0x61 + (length % 13));
        hasher.begin(prevHash);
        hasher.add(text, 0, length);
        hasher.finish(digest);
        assert.equal(digest.toString('hex'), hmac(key, prevHash, text), `${keyLength} and ${length}`);
      }
    }
  });

  it('ChainHasher joins stretches of an entry, and keeps nothing of the entry before', () => {
    const hasher = new ChainHasher(KEY);
    const digest = Buffer.alloc(32);
    const stretches = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), stretches, (prevHash, parts) => {
        hasher.begin(Buffer.from(prevHash));
        for (const part of parts) hasher.add(Buffer.from(part), 0, part.length);
        hasher.finish(digest);
        assert.equal(digest.toString('hex'), hmac(KEY, prevHash, Buffer.concat(parts)));
      }),
    );
  });

  it('ChainHasher gives both hashes of an entry that is added whole, with its own hash cut out', () => {
    const hasher = new ChainHasher(KEY);
    const [prevHash, leaf, digest] = [Buffer.alloc(32, 0xa5), Buffer.alloc(40, 0xee), Buffer.alloc(32)];
    const part = (code: number) =>
      fc.integer({ min: 0, max: 10_000 }).map((size) => Buffer.alloc(size, code));
    fc.assert(
      fc.property(part(0x61), part(0x62), part(0x63), (a, b, c) => {
        const [first, second] = [Buffer.alloc(79, 0x31), Buffer.alloc(79, 0x32)];
        const entry = Buffer.concat([a, first, b, second, c]);
        hasher.begin(prevHash);
        hasher.add(Buffer.concat([Buffer.of(0xff), entry]), 1, 1 + entry.length);
        hasher.writeLeafHash(leaf, 5);
        hasher.cutHash(a.length + 79 + b.length + 13);
        hasher.cutHash(a.length + 13);
        hasher.finish(digest);
        const naiveLeaf = createHash('sha256').update(Buffer.of(0)).update(entry).digest();
        assert.deepEqual(leaf.subarray(5, 37), naiveLeaf);
        assert.deepEqual(
          [leaf.subarray(0, 5), leaf.subarray(37)],
          [Buffer.alloc(5, 0xee), Buffer.alloc(3, 0xee)],
        );
        assert.equal(digest.toString('hex'), hmac(KEY, prevHash, Buffer.concat([a, b, c])));
      }),
    );
  });

  it('ChainHasher refuses more bytes than an entry may have', () => {
    const hasher = new ChainHasher(KEY);
    hasher.begin(Buffer.alloc(32));
    assert.throws(() => hasher.add(Buffer.alloc(ENTRY_LIMIT + 1), 0, ENTRY_LIMIT + 1), RangeError);
  });
});

describe('signed entries', () => {
  it('signed entries carry the HMAC of createHmac over the parsed entry, whatever they hold', () => {
    const key = createAuditKey({ id: 'k', bytes: KEY });
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('__proto__', '10', 'prev_hash'),
    );
    const data = fc.jsonValue({ maxDepth: 3 }).filter((value) => JSON.stringify(value).isWellFormed());
    const event = fc.record({
      kind: fc.constantFrom('policy_reloaded', 'other'),
      reason: text,
      'zz é 😀': data,
      prev: data,
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
        const identified = events.map((members, i) => {
          const rest = { ts: '2026-05-02T18:46:30.458Z', event_id: `evt_01KQN06Z9T2P39TYDZEHKA14S${i}` };
          const plain = Object.entries({ ...members, ...rest }) as [string, never][];
          return { eventId: rest.event_id, members: new Map(plain), isTimed: true };
        });
        const { texts, headHashHex } = signEntries(LOG, key, 0, '0'.repeat(64), identified);
        let prevHash = '0'.repeat(64);
        for (const [seq, written] of texts.entries()) {
          const entry = JSON.parse(written) as Record<string, unknown>;
          assert.deepEqual([entry.seq, entry.prev_hash], [seq, prevHash]);
          assert.equal(entry.this_hash, naiveHash(KEY, written));
          prevHash = entry.this_hash as string;
        }
        assert.equal(headHashHex, prevHash);
      }),
      { numRuns: 300 },
    );
  });
});

describe('spellsDigest', () => {
  it('spellsDigest finds every wrong digit, and an upper-case one', () => {
    const digest = Buffer.alloc(32, 0xab);
    const text = Buffer.from(`x${digest.toString('hex')}y`);
    assert.ok(spellsDigest(viewOf(text), 1, digest));
    assert.ok(!spellsDigest(viewOf(text), 0, digest));
    assert.ok(!spellsDigest(viewOf(text), 2, digest));
    assert.ok(!spellsDigest(viewOf(text.subarray(0, 64)), 1, digest));
    for (let at = 1; at <= 64; at += 1) {
      const wrong = Buffer.from(text);
      wrong[at] = (wrong[at] as number) ^ 0x20;
      assert.ok(!spellsDigest(viewOf(wrong), 1, digest));
    }
  });
});

describe('sameDigits', () => {
  it('sameDigits finds every digit that differs, and the end of the bytes', () => {
    const digits = Buffer.alloc(32, 0xab).toString('hex');
    const text = Buffer.from(`x${digits}y${digits}`);
    assert.ok(sameDigits(viewOf(text), 1, 66));
    assert.ok(!sameDigits(viewOf(text), 1, 67));
    assert.ok(!sameDigits(viewOf(text.subarray(0, -1)), 1, 66));
    for (let at = 1; at <= 64; at += 1) {
      const wrong = Buffer.from(text);
      wrong[at] = (wrong[at] as number) ^ 0x20;
      assert.ok(!sameDigits(viewOf(wrong), 1, 66));
    }
  });
});

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

describe('computeKeyCheck', () => {
  it('a key check is the first 16 digits of an HMAC that reveals nothing of the key', () => {
    assert.equal(
      computeKeyCheck(KEY),
      createHmac('sha256', KEY).update('masker-key-check').digest('hex').slice(0, 16),
    );
  });
});
