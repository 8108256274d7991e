import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { healthResponse } from '../../../../api/routes/health/schema.ts';
import { openIdentity, type SigningSettings } from '../../../../shared/transparency/open-signing.ts';
import { isStatementOf } from '../../../../shared/transparency/verify-statement.ts';
import { readPdf } from '../../../../workers/pdf/finish/read-pdf.ts';
import { assertError } from '../../../support/answers.ts';
import { killBothPrints, printingBegins, WITH_CHROMIUM } from '../../../support/chromium.ts';
import { eventually } from '../../../support/eventually.ts';
import { addSessionWithLog, redaction } from '../../../support/logs.ts';
import { startApp, type Tenant, type TestApp } from '../../../support/start-app.ts';

const EVENTS = [redaction('NAME'), redaction('NAME'), redaction('DOB')];

function countLedger(app: TestApp): Promise<number> {
  return app.database.db.collection('reports').countDocuments({});
}

async function readHealth(app: TestApp) {
  return healthResponse.parse(await (await app.get('/health')).json());
}

function requestPdf(app: TestApp, { cookie }: Tenant, sessionId: string, signal?: AbortSignal) {
  return app.get(`/api/v1/sessions/${sessionId}/report?format=pdf`, cookie, signal && { signal });
}

async function assertPdf(response: Response): Promise<void> {
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^%PDF-1\.7/);
}

test('without a Chromium a PDF is 503 and JSON works', async (t) => {
  const app = await startApp(t, { CHROME_PATH: '/nowhere/chromium' });
  const tenant = await app.addTenant('Clinic');
  const { id } = await addSessionWithLog(app, tenant, { events: EVENTS });
  const response = await requestPdf(app, tenant, id);
  await assertError(response, 503, 'unavailable');
  assert.equal(await countLedger(app), 0);
  assert.equal((await app.get(`/api/v1/sessions/${id}/report`, tenant.cookie)).status, 200);

  const { status, components } = await readHealth(app);
  assert.equal(status, 'degraded');
  assert.equal(components.pdf, 'unavailable: CHROME_PATH names no Chromium, Chrome or Edge that runs');
});

test('GET /sessions/{id}/report?format=pdf', WITH_CHROMIUM, async (t) => {
  const app = await startApp(t, { REPORT_QUEUE_LIMIT: '2' });
  const tenant = await app.addTenant('Clinic');
  const session = await addSessionWithLog(app, tenant, { events: EVENTS });
  assert.equal((await readHealth(app)).components.pdf, 'ok');

  await t.test('a PDF of the report that the ledger has is sent as a download', async () => {
    const response = await requestPdf(app, tenant, session.id);
    assert.equal(response.status, 200);
    const { headers } = response;
    assert.equal(headers.get('content-type'), 'application/pdf');
    assert.equal(headers.get('cache-control'), 'no-store');
    const name = `masker-session-${session.id}.pdf`;
    assert.equal(headers.get('content-disposition'), `attachment; filename="${name}"`);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(headers.get('content-length'), String(bytes.length));

    const read = await readPdf(bytes);
    assert.ok(read.ok);
    const { report } = JSON.parse(Buffer.from(read.json).toString());
    assert.equal(report.merkle_root_hex, session.merkleRootHex);
    const rows = await app.database.db.collection('reports').find({}).toArray();
    assert.deepEqual(
      rows.map(({ _id, json_sha256 }) => [String(_id), json_sha256]),
      [[report.id, createHash('sha256').update(read.json).digest('hex')]],
    );
    const [row] = rows;
    const sha256Hex = createHash('sha256').update(bytes).digest('hex');
    assert.equal(row?.pdf_sha256, sha256Hex);
    const stated = { subject: 'pdf', reportId: report.id, sha256Hex } as const;
    const identity = openIdentity(app.config.signing as SigningSettings);
    assert.ok(isStatementOf(identity, tenant.accountId, stated, row?.pdf_statement));
  });

  await t.test('Chromium killed twice while it prints is 500, and the next one is 200', async () => {
    const answer = await killBothPrints(() => requestPdf(app, tenant, session.id));
    await assertError(answer, 500, 'report_generation_failed');
    await assertPdf(await requestPdf(app, tenant, session.id));
  });

  await t.test('a caller who hangs up frees the page and the place', async () => {
    const caller = new AbortController();
    const { answer: going } = await printingBegins(() => requestPdf(app, tenant, session.id, caller.signal));
    // The account has one place.
    await assertError(await requestPdf(app, tenant, session.id), 503, 'overloaded');
    caller.abort();
    await assert.rejects(going, { name: 'AbortError' });
    let next = await requestPdf(app, tenant, session.id);
    await eventually('the place is free again', async () => {
      if (next.status !== 503) return;
      await next.body?.cancel();
      next = await requestPdf(app, tenant, session.id);
      return next.status !== 503;
    });
    await assertPdf(next);
  });

  await t.test('HEAD has the type and the file name of the PDF, makes none and records nothing', async () => {
    const issued = await countLedger(app);
    const path = `/api/v1/sessions/${session.id}/report?format=pdf`;
    const response = await app.get(path, tenant.cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/pdf');
    const name = `masker-session-${session.id}.pdf`;
    assert.equal(response.headers.get('content-disposition'), `attachment; filename="${name}"`);
    assert.equal(await countLedger(app), issued);
  });
});

test(
  'a PDF that takes longer than the deployment allows is 500, and not in the ledger',
  WITH_CHROMIUM,
  async (t) => {
    const app = await startApp(t, { REPORT_TIMEOUT_MS: '1' });
    const tenant = await app.addTenant('Clinic');
    const { id } = await addSessionWithLog(app, tenant, { events: EVENTS });
    await assertError(await requestPdf(app, tenant, id), 500, 'report_generation_failed');
    assert.equal(await countLedger(app), 0);
  },
);
