import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isId, newId } from '../../../../shared/audit/ids.ts';
import { DAY_MS } from '../../../../shared/time/durations.ts';
import { assertError, readError } from '../../../support/answers.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../../support/logs.ts';
import { startApp } from '../../../support/start-app.ts';

test('GET /sessions/{id}/report', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const session = await addSessionWithLog(app, tenant, {
    events: [redaction('NAME'), redaction('NAME'), redaction('DOB')],
  });
  const path = `/api/v1/sessions/${session.id}/report`;

  async function readLedger(sessionId: string) {
    const rows = app.database.db.collection('reports').find({ session_id: sessionId }).sort({ _id: 1 });
    return rows.toArray();
  }

  await t.test('401 without a login', async () => {
    await assertError(await app.get(`${path}?format=x`), 401, 'unauthenticated');
  });

  await t.test('403 without reports:read', async () => {
    const other = await app.login(accountId, ['agents:read', 'sessions:read']);
    await assertError(await app.get(`${path}?format=x`, other), 403, 'forbidden');
  });

  await t.test('403 for GET and HEAD of a page of another site, which make and record nothing', async () => {
    const before = (await readLedger(session.id)).length;
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    for (const format of ['json', 'pdf']) {
      const response = await app.get(`${path}?format=${format}`, cookie, { headers });
      await assertError(response, 403, 'forbidden');
    }
    assert.equal((await app.get(path, cookie, { method: 'HEAD', headers })).status, 403);
    assert.equal((await readLedger(session.id)).length, before);
    for (const site of ['same-origin', 'same-site', 'none']) {
      const response = await app.get(path, cookie, { headers: { 'Sec-Fetch-Site': site } });
      assert.equal(response.status, 200, site);
      await response.arrayBuffer();
    }
    await app.database.db.collection('reports').deleteMany({ session_id: session.id });
  });

  await t.test('422 for another format, even where the session is unknown', async () => {
    for (const id of [session.id, 'x', newId('session')]) {
      const response = await app.get(`/api/v1/sessions/${id}/report?format=xml`, cookie);
      await assertError(response, 422, 'validation_failed', 'format');
    }
  });

  await t.test('404 for an id that is malformed or unknown, whatever the format', async () => {
    for (const id of ['x', '%zz', newId('session')]) {
      for (const format of ['json', 'pdf']) {
        const response = await app.get(`/api/v1/sessions/${id}/report?format=${format}`, cookie);
        await assertError(response, 404, 'session_not_found');
      }
    }
  });

  await t.test('a report states the root, and the ledger has the digest of what was sent', async () => {
    const response = await app.get(path, cookie);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const bytes = Buffer.from(await response.arrayBuffer());
    const { report } = JSON.parse(bytes.toString());
    assert.equal(report.merkle_root_hex, session.merkleRootHex);
    assert.deepEqual(report.redactions_by_kind, { DOB: 1, NAME: 2 });
    assert.ok(isId('report', report.id));

    const [entry, ...others] = await readLedger(session.id);
    assert.deepEqual(others, []);
    assert.equal(entry?._id, report.id);
    assert.equal(entry?.root_hex, session.merkleRootHex);
    assert.equal(entry?.size, 3);
    assert.equal(entry?.json_sha256, createHash('sha256').update(bytes).digest('hex'));
  });

  await t.test('a report is made again on every call', async () => {
    const ids = await Promise.all(
      Array.from({ length: 4 }, async () => JSON.parse(await (await app.get(path, cookie)).text()).report.id),
    );
    assert.equal(new Set(ids).size, 4);
  });

  await t.test('a report on an open session says that the log is open', async () => {
    const open = await addSessionWithLog(app, tenant, { open: true, events: [redaction('NAME')] });
    const response = await app.get(`/api/v1/sessions/${open.id}/report`, cookie);
    const { report } = JSON.parse(await response.text());
    assert.equal(report.audit_log.state, 'open');
    assert.equal(report.audit_log.event_count, 1);
  });

  await t.test(
    'a session in the future is an alert of its report, and of the one on its window',
    async () => {
      const startedAt = new Date(Date.now() + DAY_MS);
      const events = [{ ...redaction('NAME'), ts: startedAt.toISOString() }];
      const { id } = await addSessionWithLog(app, tenant, { startedAt, events });
      const codes = ['starts_after_report', 'ends_after_report', 'entry_after_report'];
      const alone = JSON.parse(await (await app.get(`/api/v1/sessions/${id}/report`, cookie)).text());
      assert.deepEqual(
        alone.report.time_alerts.map(({ code }: { code: string }) => code),
        codes,
      );
      const until = new Date(startedAt.getTime() + DAY_MS).toISOString();
      const since = new Date(startedAt.getTime() - 2 * DAY_MS).toISOString();
      const wide = await app.get(`/api/v1/reports?since=${since}&until=${until}`, cookie);
      const { time_alerts: times } = JSON.parse(await wide.text()).report;
      assert.deepEqual(
        times.listed,
        codes.map((code) => ({ session_id: id, code })),
      );
      assert.equal(times.window[0].code, 'window_not_over');
    },
  );

  await t.test(
    'an end before the start blocks no report, also where the row has a negative duration',
    async () => {
      const startedAt = new Date('2026-05-02T12:00:00.000Z');
      const dated = ['2026-05-02T12:00:01.000Z', '2026-05-02T10:59:54.999Z', '2026-05-02T13:00:00.001Z'];
      const events = dated.map((ts) => ({ ...redaction('NAME'), ts }));
      const odd = await addSessionWithLog(app, tenant, { startedAt, lastedMs: -5_000, events });
      // As the release before this one stored it.
      const rows = app.database.db.collection<{ _id: string }>('sessions');
      await rows.updateOne({ _id: odd.id }, { $set: { duration_ms: -5_000 } });
      const response = await app.get(`/api/v1/sessions/${odd.id}/report`, cookie);
      assert.equal(response.status, 200);
      const { report } = JSON.parse(await response.text());
      assert.equal(report.audit_log.state, 'sealed');
      assert.deepEqual([report.session.ended_at, report.session.duration_ms], ['2026-05-02T11:59:55Z', 0]);
      assert.deepEqual(
        report.time_alerts.map((alert: Record<string, unknown>) => [
          alert.code,
          alert.entries,
          alert.seq,
          alert.ts,
        ]),
        [
          ['ended_before_started', null, null, null],
          ['times_go_back', 1, 1, null],
          ['entry_before_session', null, 1, '2026-05-02T10:59:54.999Z'],
          ['entry_after_session', null, 2, '2026-05-02T13:00:00.001Z'],
        ],
      );
      const page = await app.get(`/api/v1/sessions/${odd.id}`, cookie);
      const { session: shown } = JSON.parse(await page.text());
      assert.deepEqual([shown.duration_ms, shown.log_verdict], [0, 'verified']);
    },
  );

  await t.test(
    'a failed log gives no report: the fault and its place are named, the session is marked',
    async () => {
      const damaged = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
      await damageEntry(app, damaged, 1);
      const response = await app.get(`/api/v1/sessions/${damaged.id}/report`, cookie);
      assert.equal(response.status, 500);
      const { code, message } = await readError(response);
      assert.equal(code, 'report_generation_failed');
      assert.match(message, /altered at seq 1/);
      assert.deepEqual(await readLedger(damaged.id), []);
      const rows = app.database.db.collection<{ _id: string; log_failed?: { fault: string } }>('sessions');
      assert.equal((await rows.findOne({ _id: damaged.id }))?.log_failed?.fault, 'altered');
    },
  );

  await t.test('a key that is not configured gives no report, and is named', async () => {
    const unknown = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    const rows = app.database.db.collection<{ _id: string }>('sessions');
    await rows.updateOne({ _id: unknown.id }, { $set: { 'log.key_id': 'k_gone' } });
    const response = await app.get(`/api/v1/sessions/${unknown.id}/report`, cookie);
    assert.equal(response.status, 500);
    const { code, message } = await readError(response);
    assert.equal(code, 'report_generation_failed');
    assert.match(message, /k_gone/);
  });

  await t.test('a policy that is not stored gives no report', async () => {
    const orphan = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    const rows = app.database.db.collection<{ _id: string }>('sessions');
    await rows.updateOne({ _id: orphan.id }, { $set: { policy_sha256: 'f'.repeat(64), 'log.seal': null } });
    const response = await app.get(`/api/v1/sessions/${orphan.id}/report`, cookie);
    assert.equal(response.status, 500);
    assert.equal((await readError(response)).code, 'report_generation_failed');
    assert.deepEqual(await readLedger(orphan.id), []);
  });

  await t.test('HEAD has the type of the report, makes none and records nothing', async () => {
    const before = await readLedger(session.id);
    const response = await app.get(path, cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(await response.text(), '');
    assert.deepEqual(await readLedger(session.id), before);
  });

  await t.test('HEAD of a session whose log failed is 200, and the session is not marked', async () => {
    const damaged = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
    await damageEntry(app, damaged, 1);
    const response = await app.get(`/api/v1/sessions/${damaged.id}/report`, cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
    const row = await app.database.db.collection<{ _id: string }>('sessions').findOne({ _id: damaged.id });
    assert.ok(row && !('log_failed' in row));
  });

  await t.test('HEAD is refused as GET is: 401, 403, 422, then 404', async () => {
    const other = await app.login(accountId, ['sessions:read']);
    const unknown = `/api/v1/sessions/${newId('session')}/report`;
    const head = async (path: string, by: string | null) =>
      (await app.get(path, by, { method: 'HEAD' })).status;
    assert.equal(await head(`${unknown}?format=x`, null), 401);
    assert.equal(await head(`${unknown}?format=x`, other), 403);
    assert.equal(await head(`${unknown}?format=x`, cookie), 422);
    assert.equal(await head(unknown, cookie), 404);
    assert.equal(await head('/api/v1/sessions/x/report', cookie), 404);
  });
});

test('a report that takes longer than the deployment allows is 500, and not in the ledger', async (t) => {
  const app = await startApp(t, { REPORT_TIMEOUT_MS: '1' });
  const tenant = await app.addTenant('Clinic');
  const { id } = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
  const response = await app.get(`/api/v1/sessions/${id}/report`, tenant.cookie);
  await assertError(response, 500, 'report_generation_failed');
  assert.equal(await app.database.db.collection('reports').countDocuments({}), 0);
});
