import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oddTimes, parseSessionRow } from '../../../scripts/import/bundle-rows.ts';
import { TIME_FAULTS, type TimeFault } from '../../../shared/time/parse-time.ts';
import { bundleDir, readFirstLine } from '../../support/bundles.ts';
import { IMPOSSIBLE_OFFSETS, IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

const ROW = JSON.parse(await readFirstLine(bundleDir('clinic-week'), 'sessions.ndjson')) as Readonly<{
  id: string;
}>;

const START = '2026-05-02T21:07:54.000Z';
const OPEN_LOG = { size: 0, head_hash: '0'.repeat(64), key_id: 'k1', key_check: '0'.repeat(16), seal: null };

function parse(changes: object) {
  return parseSessionRow(Buffer.from(JSON.stringify({ ...ROW, ...changes })));
}

describe("the payloads of a session's row", () => {
  it('are refused with a member that would be lost', () => {
    const whole = { request: 'a', masked: 'b', response: 'c' };
    assert.ok(parse({ payloads: whole }).ok);
    assert.ok(parse({ payloads: {} }).ok);
    const problem = 'payloads: holds a member besides request, masked and response, which would be lost';
    for (const other of [{ maskd: 'b' }, { ...whole, more: 1 }]) {
      assert.deepEqual(parse({ payloads: other }), { ok: false, id: ROW.id, problem });
    }
  });
});

describe("the stages of a session's row", () => {
  it('are an object, and refused as a list of pairs, which may name a stage twice', () => {
    assert.ok(parse({ stage_durations_ms: { mask: 1.5 } }).ok);
    const problem = 'stage_durations_ms: must be an object of durations';
    for (const stages of [
      [
        ['mask', 1],
        ['mask', 2],
      ],
      [],
      null,
    ]) {
      assert.deepEqual(parse({ stage_durations_ms: stages }), { ok: false, id: ROW.id, problem });
    }
  });
});

describe("the numbers of a session's row", () => {
  const withNumbers = (numbers: string) =>
    parseSessionRow(
      Buffer.from(JSON.stringify({ ...ROW, payloads: { request: '%' } }).replace('"%"', () => numbers)),
    );

  it('are refused where a double would change them, and never shown', () => {
    const changed = [
      '9007199254740993',
      '-9007199254740993',
      '0.12345678901234567890',
      '1e-400',
      '1.00000000000000001',
    ];
    for (const number of changed) {
      const parsed = withNumbers(`["9007199254740993 \\\\",${number}]`);
      assert.ok(!parsed.ok && parsed.id === ROW.id, number);
      assert.match(
        parsed.problem,
        /^holds a number that would be changed, at offset \d+: write it as a string/,
      );
      assert.ok(!parsed.problem.includes(number));
    }
    const many = withNumbers('[{"a":[12345678901234567890]},18014398509481985]');
    assert.ok(!many.ok);
    assert.match(many.problem, /^holds 2 numbers that would be changed, the first at offset /);
  });

  it('are taken where they keep their value, however they are written', () => {
    const kept = [
      '9007199254740992',
      '9007199254740994',
      '1e22',
      '1E+2',
      '0.1',
      '1.0',
      '-0',
      '0.000',
      '10.50',
      '5e-324',
    ];
    for (const number of [...kept, '123456789012345680000', '1.7976931348623157e308', '"9007199254740993"'])
      assert.ok(withNumbers(`[${number}]`).ok, number);
  });

  it('are told apart in rows of half a million digits or escapes', () => {
    const zeros = '0'.repeat(500_000);
    assert.ok(!withNumbers(`0.${zeros}1${zeros}`).ok);
    assert.ok(withNumbers(`1.${zeros}`).ok);
    assert.ok(withNumbers(`"${'\\\\'.repeat(200_000)}"`).ok);
  });
});

describe("the times of a session's row", () => {
  it('are refused with the field and the reason where no calendar has them', () => {
    const impossible = { ...IMPOSSIBLE_TIMES, ...IMPOSSIBLE_OFFSETS, form: ['2026-05-02', ''] };
    for (const name of ['started_at', 'ended_at']) {
      for (const [fault, texts] of Object.entries(impossible)) {
        const problem = `${name}: ${TIME_FAULTS[fault as TimeFault]}`;
        for (const text of texts)
          assert.deepEqual(parse({ [name]: text }), { ok: false, id: ROW.id, problem }, text);
      }
    }
  });

  it('may have an offset and fewer or more digits, and are refused where a digit would be lost', () => {
    const parsed = parse({
      started_at: '2026-05-02T23:07:54.52+02:00',
      ended_at: '2026-05-02T21:07:55.604000Z',
    });
    assert.ok(parsed.ok);
    assert.equal(parsed.row.started_at.toISOString(), '2026-05-02T21:07:54.520Z');
    assert.equal(parsed.row.ended_at?.toISOString(), '2026-05-02T21:07:55.604Z');
    const problem = `ended_at: ${TIME_FAULTS.fraction}`;
    assert.deepEqual(parse({ ended_at: '2026-05-02T21:07:55.6045Z' }), { ok: false, id: ROW.id, problem });
  });

  it('are taken where the end is before the start or the duration is another, with a warning', () => {
    const oddOf = (changes: object) => {
      const parsed = parse({ started_at: START, ...changes });
      assert.ok(parsed.ok, JSON.stringify(changes));
      return oddTimes(parsed.row).map((line) => line.slice(0, line.indexOf(':')));
    };
    const end = '2026-05-02T21:07:55.000Z';
    for (const duration_ms of [1000, 999, 1001]) assert.deepEqual(oddOf({ ended_at: end, duration_ms }), []);
    for (const duration_ms of [0, -1000, 998, 1002, 1_000_000]) {
      assert.deepEqual(oddOf({ ended_at: end, duration_ms }), ['duration_ms']);
    }
    const before = '2026-05-02T21:07:53.000Z';
    assert.deepEqual(oddOf({ ended_at: before, duration_ms: 0 }), ['ended_at']);
    assert.deepEqual(oddOf({ ended_at: before, duration_ms: -1000 }), ['ended_at', 'duration_ms']);
    assert.deepEqual(oddOf({ ended_at: null, duration_ms: null, log: OPEN_LOG }), []);
  });
});
