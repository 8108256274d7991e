import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { startApp } from '../../support/start-app.ts';

test('a report shows what the file of the BAA chain states', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'baa.txt');
  writeFileSync(file, 'Acme Telephony → Example Hosting\n');

  const app = await startApp(t, { BAA_CHAIN_FILE: file });
  const tenant = await app.addTenant('Clinic');
  const { id } = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
  const response = await app.get(`/api/v1/sessions/${id}/report`, tenant.cookie);
  const { report } = JSON.parse(await response.text());
  assert.deepEqual(report.baa_chain, {
    statement: 'as the operator states it; nothing of it is checked',
    text: 'Acme Telephony → Example Hosting\n',
  });
  assert.ok(
    report.completeness.sources.some(({ source }: { source: string }) => source === 'BAA_CHAIN_FILE'),
  );
});
