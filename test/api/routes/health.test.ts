import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentHealth } from '../../../api/routes/health/present.ts';
import { healthResponse } from '../../../api/routes/health/schema.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import type { PdfState } from '../../../workers/reports/pdf.ts';
import { startApp } from '../../support/start-app.ts';

test('health', async (t) => {
  const app = await startApp(t);

  await t.test('tells anyone how each part is', async () => {
    const response = await app.get('/health');
    assert.equal(response.status, 200);
    const health = healthResponse.parse(await response.json());
    assert.equal(health.status, health.components.pdf === 'ok' ? 'ok' : 'degraded');
    assert.equal(health.version, packageJson.version);
    assert.equal(health.components.db, 'ok');
    assert.equal(health.components.audit_log, 'ok');
  });

  await t.test('the process is live', async () => {
    const response = await app.get('/health/live');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok' });
  });
});

test('a database that is away makes the whole unavailable, missing audit keys or PDFs only degrade it', () => {
  const present = { available: true, chromium: '156.0.0.0' } as const;
  const absent = { available: false, why: 'there is no Chromium' } as const;
  const status = (databaseAnswers: boolean, hasAuditKeys: boolean, pdf: PdfState = present) =>
    presentHealth({ databaseAnswers, hasAuditKeys, pdf, uptimeS: 1.9 }).status;
  assert.equal(status(true, true), 'ok');
  assert.equal(status(true, false), 'degraded');
  assert.equal(status(true, true, absent), 'degraded');
  assert.equal(status(false, true), 'unavailable');
  assert.equal(status(false, false), 'unavailable');
});
