import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChainHasher, ENTRY_LIMIT } from '../../../shared/audit/chain.ts';
import { readEntry } from '../../../shared/audit/entry.ts';
import { composeTimes } from '../../../shared/audit/entry-times.ts';
import { LogWalker, type WalkFault, type WalkOptions } from '../../../shared/audit/log-walker.ts';
import { nameFault } from '../../../shared/audit/name-fault.ts';
import { CompactRange, type RangePeaks } from '../../../shared/merkle/compact-range.ts';
import { HASH_SIZE } from '../../../shared/merkle/hash.ts';
import { LANES_ROOM, LEAVES_AT, sha256Lanes } from '../../../shared/merkle/sha256-lanes.ts';
import { redactionAt } from '../../support/entries.ts';
import { timesOf } from '../../support/entry-times.ts';
import { IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';
import { naiveSign } from '../../support/naive-chain.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { KEY, LOG, layOut, usualLog, writeLog } from '../../support/signed-log.ts';

const WALK_PLAINLY = join(import.meta.dirname, '../../support/walk-plainly.ts');

const HOSTILE = { prev_hash: 'none', seq: 99, this_hash: [{ '"prev_hash":"': '","this_hash":"' }] };

function walk(entries: readonly Buffer[], options: WalkOptions = {}) {
  const walker = new LogWalker(LOG, new ChainHasher(KEY), options);
  for (const entry of entries) {
    // Entries stand in the midst of other bytes.
    const bytes = Buffer.concat([Buffer.from('"},'), entry, Buffer.from('{"agent_id":')]);
    const fault = walker.step(bytes, 3, 3 + entry.length);
    if (fault) return { fault, range: walker.finish() };
  }
  return { fault: null, range: walker.finish() };
}

/** The same, in one step. */
function walkAll(entries: readonly Buffer[], options: WalkOptions = {}) {
  const { bytes, begins, ends } = layOut(entries);
  const walker = new LogWalker(LOG, new ChainHasher(KEY), options);
  const fault = walker.stepAll(bytes, begins, ends);
  return { fault, range: walker.finish() };
}

function rootOf(range: RangePeaks): string {
  const tree = new CompactRange();
  tree.append(range);
  return tree.rootHex();
}

function naiveRootHex(entries: readonly Buffer[]): string {
  return Buffer.from(naiveRoot(entries)).toString('hex');
}

function nameOf(fault: WalkFault, entries: readonly Buffer[]) {
  return nameFault(fault, () => entries.map((bytes) => ({ bytes, begin: 0, end: bytes.length })));
}

describe('a walk', () => {
  it('verifies common and uncommon entries that follow each other', () => {
    const entries = writeLog([
      {},
      { zz: HOSTILE },
      {},
      { kid: '😀\u0000é' },
      { kind: 'policy_reloaded', ['__proto__']: 1 },
      { entity_kind: '__proto__' },
      { kind: 'rehydration_failed', reason: 'gone' },
      { confidence: 1e-7 },
      { ts: '2026-01-31T00:00:00.000Z' },
      {},
    ]);
    const { fault, range } = walk(entries);
    assert.equal(fault, null);
    assert.equal(range.headHashHex, readEntry(entries.at(-1) as Buffer)?.thisHashHex);
    assert.equal(range.end, 10);
    assert.deepEqual(range.counts, {
      redactionCount: 8,
      redactionsByKind: [
        ['NAME', 7],
        ['__proto__', 1],
      ],
      redactionsByPass: [['gemma', 8]],
      rehydrationFailureCount: 1,
      otherKinds: [['policy_reloaded', 1]],
    });
    assert.deepEqual(range.policyReloads, [4]);
    assert.deepEqual(
      range.rehydrationFailures.map(({ seq }) => seq),
      [6],
    );
    const tree = new CompactRange();
    tree.append(range.range);
    assert.equal(tree.rootHex(), naiveRootHex(entries));
    assert.deepEqual(
      [range.times.firstTs, range.times.lastTs],
      ['2026-05-02T18:46:30.458Z', '2026-05-02T18:46:30.458Z'],
    );
  });

  // Where unusual ones are few, entries are hashed together, and leaves folded together; where there is none, all are.
  for (const every of [2, 21, 100, 1_000]) {
    it(`finds the same faults in many entries at once as one by one, where one of ${every} is uncommon`, () => {
      const entries = writeLog(
        Array.from({ length: 200 }, (_, i) => (i % every === 1 ? { zz: HOSTILE } : {})),
      );
      for (const damaged of [null, 0, 1, 62, 63, 64, 65, 127, 128, 130, 199]) {
        const stored = entries.map((entry, i) => {
          const altered = i === damaged ? entry.toString().replace('"NAME"', '"SSN"') : entry;
          return Buffer.from(altered);
        });
        for (const [begin, sizes] of [
          [0, []],
          [0, [0, 1, 63, 64, 65, 128, 150, 200, 300]],
          [64, [64, 100, 192]],
          [37, [38, 64]],
        ] as const) {
          const stretch = stored.slice(begin);
          const options = { begin, snapshotSizes: sizes };
          const found = walkAll(stretch, options);
          assert.equal(found.fault?.seq, damaged !== null && damaged >= begin ? damaged : undefined);
          assert.deepEqual(found, walk(stretch, options));
          if (damaged !== null || begin > 0) continue;
          for (const { size, range } of [...found.range.snapshots, { size: 200, range: found.range.range }]) {
            assert.equal(rootOf(range), naiveRootHex(stored.slice(0, size)));
          }
        }
      }
    });
  }

  it('finds any change of any byte in a long run of entries', () => {
    const log = usualLog(140);
    const change = fc.record({ at: fc.nat(), insert: fc.uint8Array({ minLength: 1, maxLength: 2 }) });
    fc.assert(
      fc.property(fc.nat(log.length - 1), change, (seq, { at, insert }) => {
        const honest = log[seq] as Buffer;
        const cut = at % honest.length;
        const changed = Buffer.concat([
          honest.subarray(0, cut),
          insert,
          honest.subarray(cut + insert.length),
        ]);
        fc.pre(!changed.equals(honest));
        assert.equal(walkAll(log.with(seq, changed)).fault?.seq, seq);
      }),
      { numRuns: 500 },
    );
  });

  it('finds an entry of another history of the log, signed with the same key', () => {
    const [log, other] = [{}, { kid: 'K_OTHER' }].map((second) =>
      writeLog(Array.from({ length: 140 }, (_, i) => (i === 1 ? second : {}))),
    ) as [Buffer[], Buffer[]];
    for (const seq of [2, 63, 64, 100, 139]) {
      for (const stored of [
        log.with(seq, other[seq] as Buffer),
        [...log.slice(0, seq), ...other.slice(seq)],
      ]) {
        const { fault } = walkAll(stored);
        assert.deepEqual([fault?.fault, fault?.seq], ['altered', seq]);
      }
    }
  });

  it('checks common entries in vector lanes, with a key that is used for the first time', () => {
    const entries = usualLog(LANES_ROOM);
    assert.equal(walkAll(entries).fault, null);
    // Leaves are folded there only once their entries were found well.
    const width = LANES_ROOM / 4;
    for (let i = 0; i < 4; i += 1) {
      const begin = i * width;
      const at = LEAVES_AT + i * HASH_SIZE;
      assert.equal(
        sha256Lanes().memory.toString('hex', at, at + HASH_SIZE),
        naiveRootHex(entries.slice(begin, begin + width)),
      );
    }
  });

  it('gives the same root on a processor without vector instructions', {
    skip: process.arch !== 'x64',
  }, () => {
    const args = ['--no-enable-sse4-1', WALK_PLAINLY, '150'];
    const walked = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(walked.stderr, '');
    const root = naiveRootHex(usualLog(150));
    assert.deepEqual(JSON.parse(walked.stdout), { fault: null, root, hasVectors: false });
  });

  it('states the time of the last entry, whether it was scanned or parsed', () => {
    for (const ts of ['2026-05-03T00:00:00.000Z', '2026-05-31T00:00:00.000Z']) {
      assert.equal(walk(writeLog([{}, {}, { ts }])).range.times.lastTs, ts);
    }
  });

  it('states the times of a log in which they go back and forth, walked in one stretch or in ranges', () => {
    const start = Date.parse('2026-02-28T23:59:59.000Z');
    const draw = fc.record({ ms: fc.integer({ min: -3, max: 3_000 }), odd: fc.boolean() });
    fc.assert(
      fc.property(fc.array(draw, { maxLength: 40 }), fc.integer({ min: 1, max: 40 }), (drawn, size) => {
        const texts = drawn.map(({ ms }) => new Date(start + ms).toISOString());
        const entries = writeLog(drawn.map(({ odd }, i) => ({ ts: texts[i]!, ...(odd && { zz: 1 }) })));
        assert.deepEqual(walkAll(entries).range.times, timesOf(texts));
        const ranges = [];
        for (let begin = 0; begin < entries.length; begin += size) {
          ranges.push(walk(entries.slice(begin, begin + size), { begin }).range);
        }
        assert.deepEqual(composeTimes(ranges), timesOf(texts));
      }),
      { numRuns: 100 },
    );
  });

  it('finds any change of any byte of any entry, wherever the range begins', () => {
    const log = writeLog([{}, {}, { zz: HOSTILE }, {}, { kind: 'policy_reloaded' }, {}]);
    const change = fc.record({ at: fc.nat(), remove: fc.nat(2), insert: fc.uint8Array({ maxLength: 2 }) });
    fc.assert(
      fc.property(fc.nat(log.length - 1), fc.nat(), change, (seq, first, { at, remove, insert }) => {
        const begin = first % (seq + 1);
        const honest = log[seq] as Buffer;
        const cut = at % (honest.length + 1);
        const changed = Buffer.concat([honest.subarray(0, cut), insert, honest.subarray(cut + remove)]);
        fc.pre(!changed.equals(honest));
        const { fault } = walk(log.with(seq, changed).slice(begin), { begin });
        assert.equal(fault?.seq, seq);
        assert.ok(['malformed', 'foreign', 'sequence', 'altered'].includes(fault.fault));
      }),
      { numRuns: 5_000 },
    );
  });

  it('names the fault of every rearrangement of a log', async () => {
    const entries = usualLog(6);
    const picks = fc.array(fc.nat(entries.length - 1), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(picks, async (picked) => {
        const stored = picked.map((seq) => entries[seq] as Buffer);
        const { fault, range } = walk(stored);
        const good = picked.findIndex((seq, position) => seq !== position);
        if (good < 0) {
          assert.equal(fault, null);
          assert.equal(range.end, picked.length);
          return;
        }
        assert.ok(fault);
        const { fault: name, seq } = await nameOf(fault, stored);
        const expected =
          (picked[good] as number) < good
            ? 'duplicate'
            : picked.slice(good).includes(good)
              ? 'reordered'
              : 'gap';
        assert.deepEqual([name, seq], [expected, good]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('accepts an entry of 32,768 bytes and calls one of 32,769 malformed, although it is signed', () => {
    const usual = (writeLog([{}, { kid: '' }])[1] as Buffer).length;
    for (const extra of [0, 1]) {
      const entries = writeLog([{}, { kid: 'x'.repeat(ENTRY_LIMIT - usual + extra) }, {}]);
      assert.equal(entries[1]?.length, ENTRY_LIMIT + extra);
      assert.deepEqual(walk(entries).fault?.fault, extra === 0 ? undefined : 'malformed');
    }
  });

  it('calls an entry of a time that no calendar has malformed, although it is signed', () => {
    for (const ts of Object.values(IMPOSSIBLE_TIMES).flat()) {
      for (const { fault } of [walk(writeLog([{}, { ts }, {}])), walkAll(writeLog([{}, { ts }, {}]))]) {
        assert.deepEqual([fault?.fault, fault?.seq], ['malformed', 1], ts);
      }
    }
  });

  it('a walk in ranges gives the root and head of a walk in one', () => {
    const entries = writeLog(Array.from({ length: 37 }, (_, i) => (i % 5 === 3 ? { zz: HOSTILE } : {})));
    const root = naiveRootHex(entries);
    for (const size of [1, 2, 3, 5, 8, 16, 36]) {
      const tree = new CompactRange();
      let head = '0'.repeat(64);
      for (let begin = 0; begin < entries.length; begin += size) {
        const { fault, range } = walk(entries.slice(begin, begin + size), { begin });
        assert.equal(fault, null);
        assert.equal(range.prevHashHex, head);
        assert.equal(range.times.firstTs, readEntry(entries[begin] as Buffer)?.ts);
        tree.append(range.range);
        head = range.headHashHex;
      }
      assert.equal(tree.rootHex(), root);
    }
  });

  it('gives the root and head at each size asked for', () => {
    const entries = usualLog(9);
    const { range } = walk(entries, { snapshotSizes: [0, 1, 5, 9, 12] });
    assert.deepEqual(
      range.snapshots.map(({ size }) => size),
      [0, 1, 5, 9],
    );
    for (const { size, headHashHex, range: part } of range.snapshots) {
      const tree = new CompactRange();
      tree.append(part);
      assert.equal(tree.rootHex(), naiveRootHex(entries.slice(0, size)));
      assert.equal(
        headHashHex,
        size === 0 ? '0'.repeat(64) : readEntry(entries[size - 1] as Buffer)?.thisHashHex,
      );
    }
  });

  it('calls an entry signed with another key altered, and shows no hash', () => {
    const { fault } = walk([Buffer.from(naiveSign(new Uint8Array(32).fill(8), redactionAt(0)))]);
    assert.deepEqual([fault?.fault, fault?.expected, fault?.calculated], ['altered', null, null]);
  });
});
