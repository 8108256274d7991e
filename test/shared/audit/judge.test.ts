// The judge alone: ranges of a log in memory against a record that is right but for what the test changes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuditKey } from '../../../shared/audit/audit-keys.ts';
import { checkRecord } from '../../../shared/audit/check-record.ts';
import { NO_TIMES } from '../../../shared/audit/entry-times.ts';
import { judgeWalk } from '../../../shared/audit/judge.ts';
import { type LogRecord, recordedSizes, recordUntil } from '../../../shared/audit/log-record.ts';
import { LogWalker } from '../../../shared/audit/log-walker.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../../shared/audit/walked-range.ts';
import { naiveSeal } from '../../support/naive-chain.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { KEY, LOG, layOut, usualLog } from '../../support/signed-log.ts';

const SIZE = 40;
const ENTRIES = usualLog(SIZE);
const key = createAuditKey({ id: 'k', bytes: KEY });
const ACCOUNT_ID = 'acc_01KQN06Z90QBJ5YSNCD158HJA7';

const rootAt = (size: number) => Buffer.from(naiveRoot(ENTRIES.slice(0, size))).toString('hex');

function headAt(size: number): string {
  if (size === 0) return '0'.repeat(64);
  return (JSON.parse(ENTRIES[size - 1]!.toString()) as { this_hash: string }).this_hash;
}

/** A record that is true of the log's first `size` entries: open, without anchors. */
function recordAt(size: number, change: Partial<LogRecord> = {}): LogRecord {
  return {
    accountId: ACCOUNT_ID,
    ...LOG,
    startedAt: new Date(1_000),
    endedAt: null,
    status: 'partial',
    policySha256Hex: 'ab'.repeat(32),
    log: { size, headHashHex: headAt(size), keyId: key.id, keyCheck: key.check, seal: null },
    anchors: [],
    ...change,
  };
}

/** The record of the whole log, closed with the seal that the format asks for. */
function sealedRecord(): LogRecord {
  const record = recordAt(SIZE, { endedAt: new Date(2_000), status: 'ok' });
  const seal = naiveSeal(KEY, {
    account_id: record.accountId,
    agent_id: record.agentId,
    ended_at: '1970-01-01T00:00:02.000Z',
    head_hash: headAt(SIZE),
    key_id: key.id,
    merkle_root_hex: rootAt(SIZE),
    policy_sha256: record.policySha256Hex,
    session_id: record.sessionId,
    size: SIZE,
    started_at: '1970-01-01T00:00:01.000Z',
    status: 'ok',
  });
  return { ...record, log: { ...record.log, seal } };
}

/** Walks the log in ranges that end at the given positions. */
function walk(record: LogRecord, ends: readonly number[] = [SIZE]): WalkedRange[] {
  const sizes = recordedSizes(record);
  return ends.map((end, i) => {
    const begin = i === 0 ? 0 : (ends[i - 1] as number);
    const snapshotSizes = sizes.filter((size) => size > begin && size < end);
    const walker = new LogWalker(LOG, key.hasher, { begin, snapshotSizes });
    const { bytes, begins, ends: stops } = layOut(ENTRIES.slice(begin, end));
    assert.equal(walker.stepAll(bytes, begins, stops), null);
    return walker.finish();
  });
}

function judge(record: LogRecord, ends?: readonly number[]): [name: string, seq: number | null] {
  const verdict = judgeWalk(walk(record, ends), record, key);
  return [verdictName(verdict), verdict.status === 'failed' ? verdict.seq : null];
}

describe('the judge', () => {
  it('verifies a log against head, seal and anchors, however it is cut into ranges', () => {
    const anchors = [
      { source: 'stored', size: SIZE, rootHex: rootAt(SIZE) },
      { source: 'reported', size: 7, rootHex: rootAt(7) },
      { source: 'reported', size: 0, rootHex: rootAt(0) },
    ] as const;
    const record = { ...sealedRecord(), anchors };
    for (const ends of [[SIZE], [1, SIZE], [7, 8, SIZE], [13, 26, SIZE], [SIZE, SIZE]]) {
      const verdict = judgeWalk(walk(record, ends), record, key);
      assert.ok(verdict.status === 'verified', JSON.stringify({ ends, verdict }));
      assert.deepEqual([verdict.state, verdict.size, verdict.rootHex], ['sealed', SIZE, rootAt(SIZE)]);
      assert.deepEqual(verdict.anchors, anchors);
      assert.equal(verdict.headHashHex, headAt(SIZE));
      assert.equal(verdict.counts.redactionCount, SIZE);
    }
  });

  it('names a log shorter than its head truncated, at its end', () => {
    assert.deepEqual(judge(recordAt(SIZE), [30]), ['truncated', 30]);
  });

  it('verifies an open log that is longer than its head', () => {
    assert.deepEqual(judge(recordAt(30)), ['verified', null]);
  });

  it('names a log longer than a sealed head overlong, where it goes on', () => {
    const record = sealedRecord();
    const log = { ...record.log, size: 30, headHashHex: headAt(30) };
    assert.deepEqual(judge({ ...record, log }), ['overlong', 30]);
  });

  it('names a head hash that the log does not give altered, at the head', () => {
    const record = recordAt(30);
    assert.deepEqual(judge({ ...record, log: { ...record.log, headHashHex: headAt(29) } }), ['altered', 29]);
  });

  it('names a link between two ranges that does not fit altered, at the second', () => {
    const record = recordAt(SIZE);
    const [first, second] = walk(record, [20, SIZE]) as [WalkedRange, WalkedRange];
    const verdict = judgeWalk([first, { ...second, prevHashHex: 'cc'.repeat(32) }], record, key);
    assert.deepEqual([verdictName(verdict), verdict.status === 'failed' && verdict.seq], ['altered', 20]);
  });

  it('names a seal over any other fact seal_mismatch', () => {
    const record = sealedRecord();
    const changes: Partial<LogRecord>[] = [
      { accountId: 'acc_01KQN06Z90QBJ5YSNCD158HJA8' },
      { agentId: 'agt_01KQGDBJ00Z1Y2KSAAE0CESPPY' },
      { sessionId: 'sess_01KQN06Z90QBJ5YSNCD158HJA8' },
      { startedAt: new Date(1_001) },
      { endedAt: null },
      { status: 'error' },
      { policySha256Hex: 'cd'.repeat(32) },
      { log: { ...record.log, keyId: 'k2' } },
      { log: { ...record.log, seal: 'ab'.repeat(32) } },
    ];
    for (const change of changes) {
      const [name] = judge({ ...record, ...change });
      assert.equal(name, 'seal_mismatch', JSON.stringify(change));
    }
  });

  it('names an anchor that the log does not reproduce root_mismatch, and one beyond its end truncated', () => {
    for (const source of ['stored', 'reported'] as const) {
      const at = (size: number, rootHex: string) =>
        judge({ ...recordAt(SIZE), anchors: [{ source, size, rootHex }] });
      assert.deepEqual(at(7, rootAt(8)), ['root_mismatch', 6]);
      assert.deepEqual(at(0, rootAt(1)), ['root_mismatch', 0]);
      assert.deepEqual(at(SIZE + 1, rootAt(SIZE)), ['truncated', SIZE]);
    }
  });

  it('fails a sealed log that something says was sealed before, with fewer entries or by another seal', () => {
    const record = sealedRecord();
    const sealedAt = (size: number, more: Partial<LogRecord['anchors'][number]> = {}) => {
      const anchor = { source: 'checkpoint', size, rootHex: rootAt(size), sealed: true, ...more } as const;
      return judgeWalk(walk({ ...record, anchors: [anchor] }), { ...record, anchors: [anchor] }, key);
    };
    const named = (verdict: ReturnType<typeof sealedAt>) => [
      verdictName(verdict),
      verdict.status === 'failed' && [verdict.seq, verdict.expected, verdict.calculated],
    ];
    const seal = record.log.seal as string;
    const other = 'ab'.repeat(32);
    assert.deepEqual(named(sealedAt(SIZE)), ['verified', false]);
    assert.deepEqual(named(sealedAt(SIZE, { seal })), ['verified', false]);
    assert.deepEqual(named(sealedAt(30)), ['overlong', [30, '30', '40']]);
    assert.deepEqual(named(sealedAt(SIZE, { seal: other })), ['seal_mismatch', [SIZE - 1, other, seal]]);
    // The seal is under the log's key: a row that nobody signed does not speak against it.
    for (const weight of [{ isSigned: false }, { overruled: { root: false, seal: true } }]) {
      const verdict = sealedAt(30, weight);
      assert.ok(verdict.status === 'verified');
      assert.deepEqual(verdict.disputed, [{ source: 'checkpoint', reportId: null, claim: 'seal' }]);
    }
  });

  it('tells an open log, a sealed log, and one that ended without a seal apart', () => {
    const stateOf = (record: LogRecord) => {
      const verdict = judgeWalk(walk(record), record, key);
      return verdict.status === 'verified' && verdict.state;
    };
    assert.equal(stateOf(recordAt(SIZE)), 'open');
    assert.equal(stateOf(sealedRecord()), 'sealed');
    assert.equal(stateOf(recordAt(SIZE, { endedAt: new Date(2_000) })), 'unsealed');
  });

  it('verifies an empty log', () => {
    const verdict = judgeWalk(walk(recordAt(0), [0]), recordAt(0), key);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual([verdict.size, verdict.rootHex, verdict.times], [0, rootAt(0), NO_TIMES]);
  });
});

describe('a record until a size', () => {
  it('a record until a size drops the seal, and a head and anchors beyond that size', () => {
    const anchors = [
      { source: 'stored', size: SIZE, rootHex: rootAt(SIZE) },
      { source: 'reported', size: 7, rootHex: rootAt(7) },
    ] as const;
    const until = recordUntil({ ...sealedRecord(), anchors }, 20);
    assert.deepEqual(until.anchors, [anchors[1]]);
    assert.deepEqual([until.log.size, until.log.headHashHex, until.log.seal], [0, headAt(0), null]);
    assert.deepEqual(judge(until, [20]), ['verified', null]);
    assert.equal(recordUntil(recordAt(20), 20).log.headHashHex, headAt(20));
  });
});

describe('a record that no writer of ours can have written', () => {
  const record = recordAt(3, { anchors: [{ source: 'stored', size: 3, rootHex: rootAt(3) }] });
  const damaged: [title: string, change: object, fault: string][] = [
    ...[-1, 1.5, 2 ** 53, Number.NaN, '3', null, undefined].map((size): [string, object, string] => [
      `a size of ${size}`,
      { log: { ...record.log, size } },
      'altered',
    ]),
    ['a head hash of other digits', { log: { ...record.log, headHashHex: 'AB'.repeat(32) } }, 'altered'],
    ['a seal that is a number', { log: { ...record.log, seal: 7 } }, 'altered'],
    ['a start that is no time', { startedAt: new Date(Number.NaN) }, 'altered'],
    ['an end that is a text', { endedAt: 'now' }, 'altered'],
    ['a lone surrogate as status', { status: '\ud800' }, 'altered'],
    ['a root of other digits', { anchors: [{ source: 'stored', size: 3, rootHex: 'x' }] }, 'root_mismatch'],
    [
      'a root of half an entry',
      { anchors: [{ source: 'stored', size: 0.5, rootHex: rootAt(3) }] },
      'root_mismatch',
    ],
  ];
  for (const [title, change, fault] of damaged) {
    it(`a record with ${title} is named ${fault}`, () => {
      const verdict = checkRecord({ ...record, ...change } as LogRecord);
      assert.equal(verdict?.fault, fault);
    });
  }

  it('a record as our writers leave it has no fault', () => {
    assert.equal(checkRecord(record), null);
    assert.equal(checkRecord(sealedRecord()), null);
  });
});
