import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChainHasher, ENTRY_LIMIT } from '../../../shared/audit/chain.ts';
import { readEntry } from '../../../shared/audit/entry.ts';
import { LogWalker, type WalkFault, type WalkOptions } from '../../../shared/audit/log-walker.ts';
import { nameFault } from '../../../shared/audit/name-fault.ts';
import { CompactRange } from '../../../shared/merkle/compact-range.ts';
import { AGENT_ID, redactionAt, SESSION_ID } from '../../support/entries.ts';
import { naiveSign } from '../../support/naive-chain.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';

const KEY = new Uint8Array(32).fill(7);
const LOG = { agentId: AGENT_ID, sessionId: SESSION_ID };
const HOSTILE = { prev_hash: 'none', seq: 99, this_hash: [{ '"prev_hash":"': '","this_hash":"' }] };

/** Signs a log the obvious way: redactions, each with these members besides. */
function writeLog(extras: readonly Record<string, unknown>[]): Buffer[] {
  let prevHash = '0'.repeat(64);
  return extras.map((extra, seq) => {
    const text = naiveSign(KEY, { ...redactionAt(seq, prevHash), ...extra });
    prevHash = (JSON.parse(text) as { this_hash: string }).this_hash;
    return Buffer.from(text);
  });
}

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

function nameOf(fault: WalkFault, entries: readonly Buffer[]) {
  return nameFault(fault, () => entries.map((bytes) => ({ bytes, begin: 0, end: bytes.length })));
}

describe('a walk', () => {
  it('verifies usual and unusual entries that follow each other', () => {
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
    assert.equal(tree.rootHex(), Buffer.from(naiveRoot(entries)).toString('hex'));
    assert.deepEqual([range.firstTs, range.lastTs], ['2026-05-02T18:46:30.458Z', '2026-05-02T18:46:30.458Z']);
  });

  it('finds in many entries at once what it finds one by one', () => {
    // Unusual ones on both sides of what is scanned ahead.
    const extras = Array.from({ length: 200 }, (_, i) => (i % 21 === 0 ? { zz: HOSTILE } : {}));
    const entries = writeLog(extras);
    for (const damaged of [null, 0, 63, 64, 199]) {
      const stored = entries.map((entry, i) => {
        const altered = i === damaged ? entry.toString().replace('"NAME"', '"SSN"') : entry;
        return Buffer.from(altered);
      });
      const ends: number[] = [];
      for (const { length } of stored) ends.push((ends.at(-1) ?? 0) + length);
      const begins = stored.map(({ length }, i) => (ends[i] as number) - length);
      const walker = new LogWalker(LOG, new ChainHasher(KEY));
      const fault = walker.stepAll(Buffer.concat(stored), begins, ends);
      assert.equal(fault?.seq, damaged ?? undefined);
      assert.deepEqual({ fault, range: walker.finish() }, walk(stored));
    }
  });

  it('takes the time of the last entry, whichever way that one was checked', () => {
    for (const ts of ['2026-05-03T00:00:00.000Z', '2026-05-31T00:00:00.000Z']) {
      assert.equal(walk(writeLog([{}, {}, { ts }])).range.lastTs, ts);
    }
  });

  it('finds any change of any byte of any entry, whichever the stretch begins with', () => {
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

  it('names every rearrangement of a log', async () => {
    const entries = writeLog(Array.from({ length: 6 }, () => ({})));
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

  it('takes an entry of 32,768 bytes and calls one of 32,769 malformed, however well signed', () => {
    const usual = (writeLog([{}, { kid: '' }])[1] as Buffer).length;
    for (const extra of [0, 1]) {
      const entries = writeLog([{}, { kid: 'x'.repeat(ENTRY_LIMIT - usual + extra) }, {}]);
      assert.equal(entries[1]?.length, ENTRY_LIMIT + extra);
      assert.deepEqual(walk(entries).fault?.fault, extra === 0 ? undefined : 'malformed');
    }
  });

  it('gives in ranges what it gives in one', () => {
    const entries = writeLog(Array.from({ length: 37 }, (_, i) => (i % 5 === 3 ? { zz: HOSTILE } : {})));
    const root = Buffer.from(naiveRoot(entries)).toString('hex');
    for (const size of [1, 2, 3, 5, 8, 16, 36]) {
      const tree = new CompactRange();
      let head = '0'.repeat(64);
      for (let begin = 0; begin < entries.length; begin += size) {
        const { fault, range } = walk(entries.slice(begin, begin + size), { begin });
        assert.equal(fault, null);
        assert.equal(range.prevHashHex, head);
        assert.equal(range.firstTs, readEntry(entries[begin] as Buffer)?.ts);
        tree.append(range.range);
        head = range.headHashHex;
      }
      assert.equal(tree.rootHex(), root);
    }
  });

  it('takes snapshots at the sizes asked for', () => {
    const entries = writeLog(Array.from({ length: 9 }, () => ({})));
    const { range } = walk(entries, { snapshotSizes: [0, 1, 5, 9, 12] });
    assert.deepEqual(
      range.snapshots.map(({ size }) => size),
      [0, 1, 5, 9],
    );
    for (const { size, headHashHex, range: part } of range.snapshots) {
      const tree = new CompactRange();
      tree.append(part);
      assert.equal(tree.rootHex(), Buffer.from(naiveRoot(entries.slice(0, size))).toString('hex'));
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
