// What an outsider checks a report by, from a report that is issued over HTTP to a statement and a proof that hold.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { parseLogEntry } from '../../../../shared/transparency/log-entry.ts';
import { isSignedBy, parseNote } from '../../../../shared/transparency/note.ts';
import { parseStatement } from '../../../../shared/transparency/statement.ts';
import { parseTlogProof } from '../../../../shared/transparency/tlog-proof.ts';
import { parseVerifierKey } from '../../../../shared/transparency/verifier-key.ts';
import { NEVER, openTestLogs } from '../../../support/account-logs.ts';
import { readError } from '../../../support/answers.ts';
import { createWriter, writeSession } from '../../../support/audit-world.ts';
import { startApp } from '../../../support/start-app.ts';

const AUDIT_KEYS = `k_test:${'07'.repeat(32)}`;

test('a report that was sent has a statement at once, and a proof once the log has it', async (t) => {
  const app = await startApp(t, { AUDIT_KEYS });
  const { db } = app.database;
  const world = { ...createWriter(db), db };
  const { accountId, cookie } = await app.addTenant('Clinic');
  const { logs } = await openTestLogs(t, world);
  const session = await writeSession(world, 5, { accountId });
  await logs.keep(accountId, NEVER);
  const get = (path: string, as: string | null = cookie) => app.get(`/api/v1${path}`, as);

  const json = await (await get(`/sessions/${session.id}/report`)).text();
  const { report } = JSON.parse(json) as { report: { id: string; generated_at: string; evidence: object } };
  assert.ok(report.evidence);
  const statement = await (await get(`/reports/${report.id}/statement`)).text();
  const note = parseNote(statement);
  const key = parseVerifierKey((await (await get('/log/key')).text()).trim());
  assert.ok(note && key && isSignedBy(note, key));
  const stated = parseStatement('report', note.text);
  assert.equal(stated?.reportId, report.id);
  assert.equal(Buffer.from(stated.sha256).toString('hex'), hash('sha256', json));
  assert.equal(stated.generatedAt, report.generated_at);
  assert.equal(stated.origin, `evidence.example.org/${accountId}`);

  assert.equal((await get(`/reports/${report.id}/proof`)).status, 404);
  assert.equal((await logs.keep(accountId, NEVER)).appended, 1);
  const proof = parseTlogProof(await (await get(`/reports/${report.id}/proof`)).text());
  const entry = parseLogEntry(Buffer.from(proof?.extra ?? []).toString());
  assert.ok(entry?.kind === 'report_issued');
  assert.equal(entry.json_sha256, hash('sha256', json));
  assert.equal(entry.session_id, session.id);

  type Shown = {
    id: string;
    status: string;
    ledger: { log_index: number; proof: string; statement: string };
  };
  const shown = (await (await get(`/reports/${report.id}`)).json()) as Shown;
  assert.equal(shown.status, 'issued');
  assert.deepEqual(
    [shown.ledger.log_index, shown.ledger.proof, shown.ledger.statement],
    [2, `/api/v1/reports/${report.id}/proof`, `/api/v1/reports/${report.id}/statement`],
  );

  const other = await app.addTenant('Other');
  for (const below of ['', '/statement', '/proof']) {
    assert.equal((await get(`/reports/${report.id}${below}`, other.cookie)).status, 404);
    assert.equal((await get(`/reports/rep_x${below}`)).status, 404);
    assert.equal((await get(`/reports/${report.id}${below}`, null)).status, 401);
  }
  const agentsOnly = await app.login(accountId, ['agents:read']);
  assert.equal((await get(`/reports/${report.id}/statement`, agentsOnly)).status, 403);
});

test('a report that was issued directly is said to have no stored file', async (t) => {
  const app = await startApp(t, { AUDIT_KEYS });
  const { db } = app.database;
  const world = { ...createWriter(db), db };
  const { accountId, cookie } = await app.addTenant('Clinic');
  const { id } = await writeSession(world, 5, { accountId });
  const get = (path: string) => app.get(`/api/v1${path}`, cookie);
  const { report } = (await (await get(`/sessions/${id}/report`)).json()) as { report: { id: string } };

  const headers = { Cookie: cookie, Origin: app.url };
  const remove = () => fetch(`${app.url}/api/v1/reports/${report.id}`, { method: 'DELETE', headers });
  for (const answer of [await get(`/reports/${report.id}/content`), await remove()]) {
    assert.equal(answer.status, 404);
    const { code, message } = await readError(answer);
    assert.equal(code, 'report_not_found');
    assert.match(message, /^This report was issued, and no file of it is found: it was issued directly/);
  }
  assert.match((await readError(await get('/reports/rep_x/content'))).message, /^No report with this ID/);
});
