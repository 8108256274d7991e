// A process whose SIGNING_KEY is not the one that signed the account's log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../../shared/audit/ids.ts';
import { NEVER, openTestLogs, recordStated, TEST_SIGNING } from '../../../support/account-logs.ts';
import { createWriter, writeSession } from '../../../support/audit-world.ts';
import { pemOf } from '../../../support/signers.ts';
import { startApp } from '../../../support/start-app.ts';

test('under another signing key nothing is said to follow, and no key is handed out', async (t) => {
  const app = await startApp(t, { AUDIT_KEYS: `k_test:${'07'.repeat(32)}` });
  const { db } = app.database;
  const world = { ...createWriter(db), db };
  const { accountId, cookie } = await app.addTenant('Clinic');
  const session = await writeSession(world, 3, { accountId });
  const signed = await openTestLogs(t, world, { settings: { ...TEST_SIGNING, privateKeyPem: pemOf(2) } });
  const key = () => app.get('/api/v1/log/key', cookie);
  assert.equal((await key()).status, 200);
  const reportId = await recordStated(world, signed, session, 'ab'.repeat(32));
  await signed.logs.keep(accountId, NEVER);
  const open = await writeSession(world, 3, { accountId, seal: false });
  for (const path of [
    'log/checkpoint',
    'log/key',
    'log/tile/0/000.p/1',
    `sessions/${session.id}/proof`,
    `sessions/${session.id}/events/0/proof`,
    `sessions/${session.id}/events/proof?from=0&to=1`,
    `sessions/${session.id}/evidence`,
    `sessions/${open.id}/proof`,
    `reports/${reportId}/proof`,
  ]) {
    const response = await app.get(`/api/v1/${path}`, cookie);
    const { error } = (await response.json()) as {
      error: { code: string; reason?: string; message: string };
    };
    const found = [response.status, error.code, error.reason];
    assert.deepEqual(found, [500, 'report_generation_failed', 'account_log'], path);
    assert.match(error.message, /not signed by SIGNING_KEY or one of RETIRED_KEYS/, path);
  }
  const page = await (await app.get('/auditors', cookie)).text();
  assert.match(page, /signed by an unknown key/);
  assert.doesNotMatch(page, /id="verifier-key"/);
  const unknown = await app.get(`/api/v1/sessions/${newId('session')}/proof`, cookie);
  assert.equal(unknown.status, 404);
  const other = await app.addTenant('Other');
  assert.equal((await app.get('/api/v1/log/key', other.cookie)).status, 200);
  assert.equal((await app.get('/api/v1/log/checkpoint', other.cookie)).status, 404);
});
