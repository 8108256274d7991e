// What a writer is told of a session whose row somebody damaged: the field and the remedy, and never that its log failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Document } from 'mongodb';
import { newId } from '../../../../shared/audit/ids.ts';
import { damagedRow } from '../../../../shared/audit/verdict.ts';
import { draftsWithIds } from '../../../support/draft-events.ts';
import { startApp } from '../../../support/start-app.ts';
import {
  type Answer,
  errorOf,
  KEEPING_POLICY,
  openOne,
  openWriter,
  prepare,
  sessionOf,
} from '../../../support/writer-client.ts';
import { WRONG_VALUES } from '../../../support/wrong-values.ts';

const KEEPING = { policy_version: 2 };
const PAYLOADS = { request: { text: 'a' }, masked: { text: 'b' }, response: { text: 'c' } };

/** A value of another type, for each field that a writer relies on. */
const RELIED_ON: Readonly<Record<string, unknown>> = {
  agent_id: 5,
  started_at: '2026',
  ended_at: 'x',
  status: { a: 1 },
  policy_sha256: { $ne: 'x' },
  log: [],
  'log.size': '1',
  'log.head_hash': 7,
  'log.key_id': null,
  'log.key_check': 5,
  'log.seal': {},
  merkle_root_hex: 'x',
  changes: 'x',
};

test('writing to a session whose row is damaged', async (t) => {
  // A page shows a damaged row's own values, which are of no type.
  const app = await startApp(t, {}, { hasOwnContent: true });
  const { accountId } = await app.addTenant('Clinic');
  const send = await openWriter(app, accountId);
  const { agentId } = await prepare(send);
  assert.equal((await send('PUT', '/policies/healthcare-default/2', KEEPING_POLICY)).status, 201);
  const rows = app.database.db.collection<Document & { _id: string }>('sessions');

  const append = (id: string) =>
    send('POST', `/sessions/${id}/events`, { events: draftsWithIds(1).map(withTime) });
  const end = (id: string, more: object = {}) =>
    send('POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok', ...more });
  const damage = (id: string, fields: object) => rows.updateOne({ _id: id }, { $set: fields });
  const page = async (id: string) => {
    const { body } = await send('GET', `/sessions/${id}`);
    return (body as { session: Record<string, unknown> }).session;
  };

  function assertNamed(answer: Answer, field: string): void {
    const { status, code, message } = errorOf(answer);
    assert.deepEqual([status, code], [409, 'log_failed'], `${field}: ${message}`);
    assert.match(message, new RegExp(`the row is damaged: ${field} is not as a writer stored it`));
    assert.match(message, /compare the row with a backup/);
  }

  await t.test('events and ends are refused by the field, as the page names it', async () => {
    for (const [field, value] of Object.entries(RELIED_ON)) {
      const id = await openOne(send, agentId, KEEPING);
      assert.equal((await append(id)).status, 200);
      await damage(id, { [field]: value });
      assertNamed(await append(id), field);
      const snapshot = await app.deps.sessions.findSnapshot(accountId, id);
      assert.deepEqual(snapshot?.marks, { failed: null, unverifiable: damagedRow(field) });
      assertNamed(await end(id), field);
      assertNamed(await end(id, { payloads: PAYLOADS }), field);
      const { log_verdict, log_problem } = await page(id);
      assert.equal(log_verdict, 'unverifiable');
      assert.match(String(log_problem), new RegExp(`^the row is damaged: ${field} `));
    }
  });

  await t.test('an opening that is sent again is refused by the field', async () => {
    const start = sessionOf(agentId, KEEPING);
    const id = newId('session');
    assert.equal((await send('PUT', `/sessions/${id}`, start)).status, 201);
    const row = (await rows.findOne({ _id: id }))!;
    for (const value of WRONG_VALUES) {
      await damage(id, { started_at: value });
      assertNamed(await send('PUT', `/sessions/${id}`, start), 'started_at');
    }
    for (const [field, value] of Object.entries(RELIED_ON)) {
      await rows.replaceOne({ _id: id }, row);
      await damage(id, { [field]: value });
      assertNamed(await send('PUT', `/sessions/${id}`, start), field);
    }
    await rows.replaceOne({ _id: id }, row);
    assert.equal((await send('PUT', `/sessions/${id}`, start)).status, 200);
  });

  await t.test('payloads are refused by the field that leads to none that can be read', async () => {
    const id = await openOne(send, agentId, KEEPING);
    for (const field of ['payloads', 'payloads_sha256']) {
      for (const value of [...WRONG_VALUES, '{"request":1e999}', '"\\ud800"']) {
        await damage(id, { payloads: null, payloads_sha256: null, [field]: value });
        if (value === null) continue;
        const { status, code, message } = errorOf(await end(id, { payloads: PAYLOADS }));
        assert.deepEqual([status, code], [409, 'log_failed'], `${field} ${inspect(value)}: ${message}`);
        const named = new RegExp(`payloads that cannot be read: ${field} of its row.*compare the row`);
        assert.match(message, named);
      }
    }
    assert.equal((await end(id)).status, 200);
  });

  await t.test('facts of its opening that somebody changed are neither added to nor sealed', async () => {
    const began = { started_at: new Date('2020-01-01T00:00:00Z') };
    const policy = { policy_version: 2, policy_sha256: 'ab'.repeat(32) };
    for (const fields of [began, policy, { 'log.opening': 'ab'.repeat(32) }]) {
      const id = await openOne(send, agentId);
      assert.equal((await append(id)).status, 200);
      await damage(id, fields);
      assertNamed(await append(id), 'log.opening');
      assertNamed(await end(id), 'log.opening');
      const row = await rows.findOne({ _id: id });
      assert.deepEqual([row?.log.seal, row?.log.size, row?.ended_at], [null, 1, null]);
      assert.match(String((await page(id)).log_problem), /^the row is damaged: log\.opening /);
    }
  });

  await t.test('no payloads are kept under a policy that somebody put in', async () => {
    const id = await openOne(send, agentId);
    const keeping = await rows.findOne({ _id: await openOne(send, agentId, KEEPING) });
    await damage(id, { policy_version: 2, policy_sha256: keeping?.policy_sha256 });
    assertNamed(await end(id, { payloads: PAYLOADS }), 'log.opening');
    assert.equal((await rows.findOne({ _id: id }))?.payloads_sha256, null);
  });

  await t.test('a check value that somebody changed is no key that is missing', async () => {
    const id = await openOne(send, agentId);
    assert.equal((await append(id)).status, 200);
    await damage(id, { 'log.key_check': '0011223344556677' });
    assertNamed(await append(id), 'log.key_check');
    assertNamed(await end(id), 'log.key_check');
    assert.match(String((await page(id)).log_problem), /^the row is damaged: log\.key_check /);
  });
});

function withTime<Draft extends object>(draft: Draft) {
  return { ...draft, ts: new Date().toISOString() };
}
