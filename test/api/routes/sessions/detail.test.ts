import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { sessionResponse } from '../../../../api/routes/sessions/schema.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { assertError } from '../../../support/answers.ts';
import { damageRow } from '../../../support/damage-rows.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../../support/logs.ts';
import { startApp } from '../../../support/start-app.ts';

test('GET /sessions/{id}', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId, cookie } = tenant;

  const mayRead = await app.login(accountId, ['sessions:read', 'payloads:read']);

  async function readSession(id: string, by = cookie): Promise<z.infer<typeof sessionResponse>['session']> {
    const response = await app.get(`/api/v1/sessions/${id}`, by);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    return sessionResponse.parse(await response.json()).session;
  }

  await t.test('401 without a login', async () => {
    await assertError(await app.get('/api/v1/sessions/x'), 401, 'unauthenticated');
  });

  await t.test('403 without sessions:read', async () => {
    const other = await app.login(accountId, ['agents:read', 'reports:read']);
    await assertError(await app.get('/api/v1/sessions/x', other), 403, 'forbidden');
  });

  await t.test('404 for an id that is malformed or unknown', async () => {
    for (const id of ['x', '%zz', newId('agent'), newId('session')]) {
      await assertError(await app.get(`/api/v1/sessions/${id}`, cookie), 404, 'session_not_found');
    }
  });

  await t.test("a session has its row, its events in order and the log's verdict", async () => {
    const session = await addSessionWithLog(app, tenant, {
      startedAt: new Date('2026-05-03T21:14:32Z'),
      events: [
        redaction('NAME', [142, 156]),
        { kind: 'rehydration_failed', entity_kind: 'NAME', reason: 'expired', token_kind: 'MSKV1', kid: 'K' },
        redaction('DOB'),
      ],
    });
    const shown = await readSession(session.id);
    const { events, ...rest } = shown;
    assert.deepEqual(rest, {
      id: session.id,
      agent_id: agentId,
      agent_name: 'Clinic agent',
      started_at: '2026-05-03T21:14:32Z',
      ended_at: '2026-05-03T21:14:32.794Z',
      duration_ms: 794,
      status: 'ok',
      upstream_model: 'gpt-4o-mini',
      external_id: null,
      metadata: {},
      log_state: 'sealed',
      policy_name: 'healthcare-default',
      policy_version: 1,
      stage_durations_ms: { detection: 56, upstream: 738 },
      payloads: { request: null, masked: null, response: null },
      payloads_withheld: true,
      redaction_count: 2,
      redactions_by_kind: { DOB: 1, NAME: 1 },
      merkle_root_hex: session.merkleRootHex,
      log_verdict: 'verified',
      log_problem: null,
    });
    assert.deepEqual(
      events.map((event) => event.entity_kind),
      ['NAME', 'DOB'],
    );
    assert.deepEqual(events[0], {
      event_id: events[0]?.event_id,
      pass: 'gemma',
      entity_kind: 'NAME',
      span: [142, 156],
      confidence: 0.94,
      token_kind: 'MSKV1',
      kid: 'K_HEALTHCARE',
    });
  });

  await t.test('an open session has neither end nor root', async () => {
    const { id } = await addSessionWithLog(app, tenant, { open: true, events: [redaction('NAME')] });
    const shown = await readSession(id);
    assert.deepEqual([shown.ended_at, shown.duration_ms, shown.merkle_root_hex], [null, null, null]);
    assert.deepEqual([shown.log_verdict, shown.log_state], ['verified', 'open']);
  });

  await t.test('a damaged row is answered, and payloads that are no JSON hide nothing else', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    await damageRow(app.database.db, session, { payloads: '{"request": "Jane D' });
    assert.deepEqual((await readSession(session.id)).events.length, 1);
    for (const field of ['started_at', 'ended_at'] as const) {
      const damaged = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
      await damageRow(app.database.db, damaged, { [field]: '2026' });
      const shown = await readSession(damaged.id);
      assert.deepEqual(
        [shown[field], shown.duration_ms, shown.log_verdict],
        [null, null, 'unverifiable'],
        field,
      );
    }
  });

  await t.test('a verified log whose seal is gone is shown as unsealed', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    await damageRow(app.database.db, session, { 'log.seal': null });
    const shown = await readSession(session.id);
    assert.deepEqual([shown.log_verdict, shown.log_state], ['verified', 'unsealed']);
  });

  await t.test('a session without events has an empty list', async () => {
    const { id } = await addSessionWithLog(app, tenant, { events: [] });
    const shown = await readSession(id);
    assert.deepEqual([shown.events, shown.redactions_by_kind, shown.log_verdict], [[], {}, 'verified']);
  });

  await t.test('a session shows every event of a log of several segments', async () => {
    const events = Array.from({ length: 600 }, (_, i) => redaction('NAME', [i, i + 1]));
    const { id } = await addSessionWithLog(app, tenant, { events });
    const shown = await readSession(id);
    assert.deepEqual(
      shown.events.map((event) => event.span[0]),
      events.map((_, i) => i),
    );
    assert.equal(shown.redaction_count, 600);
  });

  await t.test('a session shows kinds of any name', async () => {
    const kinds = ['$gt', '10', '__proto__', 'a.b', 'constructor'];
    const { id } = await addSessionWithLog(app, tenant, { events: kinds.map((kind) => redaction(kind)) });
    const text = await (await app.get(`/api/v1/sessions/${id}`, cookie)).text();
    assert.ok(
      text.includes('"redactions_by_kind":{"$gt":1,"10":1,"__proto__":1,"a.b":1,"constructor":1}'),
      text,
    );
  });

  await t.test('payloads are shown where the policy in force logs them', async () => {
    const payloads = {
      request: { text: 'My name is Ada', ['__proto__']: 1 },
      masked: { text: 'My name is [NAME]' },
      response: 'ok',
    };
    const { id } = await addSessionWithLog(app, tenant, {
      policy: 'billing-strict@3',
      events: [redaction('NAME')],
      payloads,
    });
    const shown = await readSession(id, mayRead);
    assert.deepEqual([shown.payloads, shown.payloads_withheld], [payloads, false]);
  });

  await t.test('without payloads:read nothing tells whether there are payloads', async () => {
    const events = [redaction('NAME')];
    const payloads = { request: 'Ada', masked: '[NAME]', response: 'ok' };
    const logged = { policy: 'billing-strict@3', events } as const;
    for (const stored of [{ payloads }, {}]) {
      const { id } = await addSessionWithLog(app, tenant, { ...logged, ...stored });
      const shown = await readSession(id);
      assert.deepEqual(shown.payloads, { request: null, masked: null, response: null });
      assert.equal(shown.payloads_withheld, true);
    }
  });

  await t.test('stored payloads are hidden where the policy does not log them', async () => {
    const payloads = { request: 'Ada', masked: '[NAME]', response: 'ok' };
    const { id } = await addSessionWithLog(app, tenant, { events: [redaction('NAME')], payloads });
    const shown = await readSession(id, mayRead);
    assert.deepEqual(shown.payloads, { request: null, masked: null, response: null });
    assert.equal(shown.payloads_withheld, false);
  });

  await t.test('a session whose log failed is shown, and its fault is named', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
    await damageEntry(app, session, 1);
    const shown = await readSession(session.id);
    assert.equal(shown.log_verdict, 'altered');
    assert.equal(shown.events.length, 2);
  });

  await t.test('HEAD answers without a body and leaves nothing running', async () => {
    const { id } = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    const response = await app.get(`/api/v1/sessions/${id}`, cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(await response.text(), '');
  });

  await t.test('HEAD of an id that is malformed or unknown is 404', async () => {
    for (const id of ['x', newId('session')]) {
      const response = await app.get(`/api/v1/sessions/${id}`, cookie, { method: 'HEAD' });
      assert.equal(response.status, 404);
    }
  });
});
