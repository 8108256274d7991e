import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRate, parseSpan } from '../../../scripts/demo/live.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { commandEnv, runScript } from '../../support/commands.ts';
import { startApp } from '../../support/start-app.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('npm run demo', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const env = commandEnv(app.database, temporaryFolder(t), '');
  const run = (...args: string[]) => runScript(join('demo', 'live.ts'), args, env);

  await t.test('calls are written through the API, each verified and with its report', async () => {
    const played = await run('--rate', '4', '--for', '2s', '--account', accountId, '--url', app.url);
    assert.equal(played.code, 0, played.stderr);
    const [, calls] = /(\d+) calls ended, 0 under way, \d+ events\n$/.exec(played.stderr) ?? [];
    assert.ok(Number(calls) >= 2, played.stderr);
    const listed = await app.get('/api/v1/sessions?limit=100', cookie);
    const { data } = (await listed.json()) as { data: { id: string; external_id: string }[] };
    assert.equal(data.length, Number(calls));
    for (const { id, external_id: externalId } of data) {
      assert.match(externalId, /^demo-/);
      const shown = await app.get(`/api/v1/sessions/${id}`, cookie);
      const { session } = (await shown.json()) as { session: { log_verdict: string; log_state: string } };
      assert.deepEqual([session.log_verdict, session.log_state], ['verified', 'sealed']);
    }
    assert.equal((await app.get(`/api/v1/sessions/${data[0]?.id}/report`, cookie)).status, 200);
    const [token] = await app.deps.tokens.list(accountId, 5);
    assert.ok(token?.revokedAt, 'the token is revoked at the end');
  });

  await t.test('without a clinic, an account or a service it says what to name', async () => {
    assert.match((await run('--url', app.url)).stderr, /name the account to write into, --account ID/);
    assert.match(
      (await run('--account', accountId)).stderr,
      /start one by `npm start`, or name one, --url URL/,
    );
    const unknown = newId('account');
    assert.match((await run('--account', unknown, '--url', app.url)).stderr, new RegExp(unknown));
  });

  await t.test('a call that is refused is told, and the exit code says so', async () => {
    const elsewhere = await run(
      '--rate',
      '9',
      '--for',
      '1s',
      '--account',
      accountId,
      '--url',
      `${app.url}/x`,
    );
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /PUT \/api\/v1\/policies\/\S+: 404/);
  });
});

test('rates and spans', () => {
  assert.deepEqual(
    [parseRate('0.2'), parseRate('1000'), parseSpan('90s'), parseSpan('2h')],
    [0.2, 1000, 90e3, 7.2e6],
  );
  for (const text of ['0', '-1', '1001', 'x', '1e3', '']) assert.throws(() => parseRate(text), /--rate/);
  for (const text of ['0s', '5', '1d', 'm', '']) assert.throws(() => parseSpan(text), /--for/);
});
