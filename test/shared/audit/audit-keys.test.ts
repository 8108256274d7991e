import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAuditKey, createKeyring, type KeyScope } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';

const CLINIC = newId('account');
const OFFICE = newId('account');
const at = (time: string) => new Date(`2026-${time}T00:00:00Z`);
const NOW = at('06-15');

function keyOf(id: string, scope: Partial<KeyScope> = {}) {
  const bytes = new Uint8Array(32).fill(id.charCodeAt(0));
  return { id, bytes, scope: { accountIds: [], notBefore: null, notAfter: null, ...scope } };
}

describe('the key that signs a new session', () => {
  const writerOf = (keys: ReturnType<typeof keyOf>[], accountId = CLINIC, startedAt = NOW) =>
    createKeyring(keys).writerFor({ accountId, startedAt }, startedAt)?.id ?? null;

  test('is the first one bound to the account, before those that are bound to none', () => {
    const keys = [
      keyOf('own'),
      keyOf('bound', { accountIds: [OFFICE, CLINIC] }),
      keyOf('later', { accountIds: [CLINIC] }),
    ];
    assert.equal(writerOf(keys), 'bound');
    assert.equal(writerOf(keys, newId('account')), 'own');
  });

  test('is none of another account, and none that is not in force', () => {
    const office = keyOf('o', { accountIds: [OFFICE] });
    assert.equal(writerOf([office]), null);
    const past = keyOf('p', { accountIds: [CLINIC], notAfter: at('06-14') });
    const future = keyOf('f', { notBefore: at('06-16') });
    assert.equal(writerOf([past, future]), null);
    assert.equal(writerOf([past, future, keyOf('now', { notBefore: NOW, notAfter: NOW })]), 'now');
  });
});

describe('the key that signs a session whose start is not the present', () => {
  const keys = [
    keyOf('old', { accountIds: [CLINIC], notAfter: at('06-10') }),
    keyOf('new', { accountIds: [CLINIC], notBefore: at('06-20') }),
  ];
  const hour = (time: string) => new Date(`2026-${time}:00:00Z`);
  const keyring = createKeyring(keys);
  const writerOf = (startedAt: Date, now: Date) => {
    const session = { accountId: CLINIC, startedAt };
    return keyring.writerFor(session, now)?.id ?? keyring.lapsedFor(session, now);
  };

  test('is in force at the start, and until a day after its end by the present time', () => {
    assert.equal(writerOf(at('06-09'), at('06-11')), 'old');
    assert.deepEqual(writerOf(at('06-09'), hour('06-11T01')), ['old']);
    assert.deepEqual(writerOf(at('06-12'), at('06-12')), []);
  });

  test('is in force from a day before its begin by the present time', () => {
    assert.equal(writerOf(at('06-20'), at('06-19')), 'new');
    assert.deepEqual(writerOf(at('06-20'), hour('06-18T23')), ['new']);
  });

  test('is another one in force where the first is so no more', () => {
    const session = { accountId: CLINIC, startedAt: at('06-09') };
    const writer = createKeyring([...keys, keyOf('own')]).writerFor(session, at('06-15'));
    assert.equal(writer?.id, 'own');
  });
});

describe('the key that proves a log', () => {
  function find(scope: Partial<KeyScope>, accountId = CLINIC, startedAt = NOW) {
    const key = keyOf('k', scope);
    const { check } = createAuditKey(key);
    return createKeyring([key]).find({ accountId, startedAt, keyId: 'k', keyCheck: check });
  }

  test('proves logs of its accounts and of its time alone', () => {
    const refused = { status: 'failed', fault: 'key_out_of_scope', seq: 0, expected: null, calculated: null };
    assert.ok(find({}).key);
    assert.ok(find({ accountIds: [CLINIC] }).key);
    assert.deepEqual(find({ accountIds: [OFFICE] }).verdict, refused);
    assert.ok(find({ notBefore: NOW, notAfter: NOW }).key);
    assert.deepEqual(find({ notBefore: at('06-16') }).verdict, refused);
    assert.deepEqual(find({ notAfter: at('06-14') }).verdict, refused);
    assert.deepEqual(find({ notAfter: at('06-14') }, CLINIC, new Date(Number.NaN)).verdict, refused);
  });

  test('is unverifiable, and not out of scope, where it is another key of this id', () => {
    const key = keyOf('k', { accountIds: [OFFICE] });
    const found = createKeyring([key]).find({
      accountId: CLINIC,
      startedAt: NOW,
      keyId: 'k',
      keyCheck: '00',
    });
    assert.equal(found.verdict?.status, 'unverifiable');
  });
});
