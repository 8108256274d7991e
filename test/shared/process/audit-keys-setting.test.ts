import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { EVERY_LOG } from '../../../shared/audit/audit-keys.ts';
import { parseAuditKeys, unfitForProduction } from '../../../shared/process/audit-keys-setting.ts';
import { parseConfig } from '../../../shared/process/config.ts';
import { TIME_FAULTS, type TimeFault } from '../../../shared/time/parse-time.ts';
import { readExpected } from '../../support/bundles.ts';
import { IMPOSSIBLE_OFFSETS, IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

const KEY = `${'0b'.repeat(31)}ff`;
const OTHER = '0c'.repeat(32);
const CLINIC = 'acc_01KQGDBJ0084G7ZWYRD6Z1RV0W';
const OFFICE = 'acc_01KQGDBJ0084G7ZWYRD6Z1RV0X';

function keysOf(text: string) {
  const parsed = parseAuditKeys(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
  return parsed.keys;
}

function problemOf(text: string): string {
  const parsed = parseAuditKeys(text);
  assert.ok(!parsed.ok, text);
  return parsed.problem;
}

describe('the scope of an audit key', () => {
  test('a key without limits is for every log', () => {
    assert.deepEqual(keysOf(`k1:${KEY}`)[0]?.scope, EVERY_LOG);
  });

  test('a key is bound to the accounts and the time that follow it', () => {
    const text = `k1:${KEY};account=${OFFICE}; account=${CLINIC} ;not_before=2026-01-01T00:00:00Z;not_after=2026-06-30T23:59:59.999+02:00`;
    assert.deepEqual(keysOf(`${text}\n k2:${OTHER}`)[0]?.scope, {
      accountIds: [CLINIC, OFFICE],
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2026-06-30T21:59:59.999Z'),
    });
  });

  test('a scope that cannot be read is refused, and never widened', () => {
    for (const scope of [
      ...['account=', 'account=acc_1', `account=${CLINIC.toLowerCase()}`, `accounts=${CLINIC}`, CLINIC, ''],
      ...['not_before=', 'not_before=2026', 'not_after=tomorrow'],
      'not_before=2026-01-01T00:00:00Z;not_before=2025-01-01T00:00:00Z',
      'not_before=2026-01-02T00:00:00Z;not_after=2026-01-01T00:00:00Z',
    ]) {
      const problem = problemOf(`k1:${KEY};${scope}`);
      assert.match(problem, /^AUDIT_KEYS has a scope that cannot be read: .*account=acc_/, scope);
      assert.ok(!problem.includes(KEY));
    }
  });

  test('a bound that no calendar has, or that would be rounded, is refused with its reason', () => {
    const bounds = { ...IMPOSSIBLE_TIMES, ...IMPOSSIBLE_OFFSETS, fraction: ['2026-05-03T10:00:00.0001Z'] };
    for (const name of ['not_before', 'not_after']) {
      for (const [fault, texts] of Object.entries(bounds)) {
        const problem = `AUDIT_KEYS has a scope that cannot be read: a ${name} that ${TIME_FAULTS[fault as TimeFault]}`;
        for (const text of texts) assert.equal(problemOf(`k1:${KEY};${name}=${text}`), problem, text);
      }
    }
  });

  test('one id with two scopes is refused', () => {
    assert.match(problemOf(`k1:${KEY};account=${CLINIC},k1:${KEY}`), /one key id two scopes/);
    assert.equal(keysOf(`k1:${KEY};account=${CLINIC},k1:${KEY};account=${CLINIC}`).length, 1);
  });

  test('one value under two ids with different scopes is refused, also where HMAC alone sees one value', () => {
    const hashed = createHash('sha256')
      .update(Buffer.from(KEY.repeat(3), 'hex'))
      .digest('hex');
    for (const [first, second] of [
      [KEY, KEY],
      [KEY, `${KEY}0000`],
      [KEY.repeat(3), hashed],
    ] as const) {
      const mac = (hex: string) => createHmac('sha256', Buffer.from(hex, 'hex')).update('x').digest('hex');
      assert.equal(mac(first), mac(second), 'the premise');
      assert.match(problemOf(`k1:${first};account=${CLINIC},k2:${second}`), /one key value two scopes/);
    }
    assert.equal(keysOf(`k1:${KEY},k2:${KEY}`).length, 2);
  });
});

describe('keys that production refuses', () => {
  const problemsOf = (text: string) => unfitForProduction(keysOf(text));

  test("the test data's keys are refused, however they are written", async () => {
    for (const name of ['clinic-week', 'other-clinic'] as const) {
      const { audit_keys: published } = await readExpected(name);
      const hex = published.split(':')[1] as string;
      for (const text of [
        published,
        `mine:${hex.toUpperCase()}`,
        `mine:${hex}00`,
        `mine:${hex};account=${CLINIC}`,
      ]) {
        assert.match(problemsOf(text).join(), /is published with the project's test data/, text);
      }
      const env = { NODE_ENV: 'production', CURSOR_KEY: KEY, AUDIT_KEYS: `k0:${KEY},${published}` };
      assert.throws(() => parseConfig(env), /published with the project's test data: use one of your own/);
      assert.equal(parseConfig({ ...env, NODE_ENV: 'test' }).auditKeys.length, 2);
    }
  });

  test('a key of zeros of any length is refused', () => {
    for (const bytes of [32, 33, 64])
      assert.match(problemsOf(`k0:${'00'.repeat(bytes)}`).join(), /all zeros/);
    assert.deepEqual(problemsOf(`k1:${KEY}`), []);
  });
});
