import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthResponse } from '../../api/routes/health/schema.ts';
import { TENANT_PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { assertError } from '../support/answers.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startApp } from '../support/start-app.ts';

test('while the database is away', async (t) => {
  const proxy = await startFaultyProxy(process.env.TEST_MONGODB_URI ?? '');
  t.after(() => proxy.close());
  const app = await startApp(t, { MONGODB_URI: proxy.uri });
  const { accountId, agentId } = await app.addTenant('Clinic');
  const cookie = await app.login(accountId, [
    ...TENANT_PERMISSIONS,
    ...(['access:read', 'webhooks:write', 'tokens:write'] as const),
  ]);
  assert.equal((await app.get('/api/v1/me', cookie)).status, 200);

  await t.test(
    'a list or a statistic for which the database takes too long is 503, with a remedy',
    async () => {
      const reply = { ok: 0, code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'exceeded time limit' };
      proxy.setFaults((_name, _collection, { maxTimeMS }) => (maxTimeMS > 0 ? { reply } : null));
      const paths = [
        ...[
          'sessions',
          'sessions?min_redactions=3',
          `agents/${agentId}/sessions`,
          'agents',
          'reports/ledger',
        ],
        ...['stats/redactions?bucket=day', 'tokens', 'webhooks', 'access-log', 'sessions?format=csv'],
      ];
      for (const path of paths) {
        const answer = await app.get(`/api/v1/${path}`, cookie);
        assert.equal(answer.headers.get('retry-after'), '30', path);
        await assertError(answer.clone(), 503, 'unavailable');
        const { error } = (await answer.json()) as { error: { message: string } };
        assert.match(error.message, /takes too long over this list.*shorter window/);
      }
      proxy.setFaults(() => null);
    },
  );

  await proxy.close();

  await t.test('every route that needs the database is 503 unavailable', async () => {
    const paths = [
      'me',
      'agents',
      `agents/${agentId}`,
      `agents/${agentId}/sessions`,
      'sessions',
      `sessions/${newId('session')}`,
      `sessions/${newId('session')}/report`,
    ];
    const answers = await Promise.all(paths.map((path) => app.get(`/api/v1/${path}`, cookie)));
    for (const answer of answers) await assertError(answer, 503, 'unavailable');
  });

  await t.test('a request without a login is 401 while the database is away', async () => {
    await assertError(await app.get('/api/v1/me'), 401, 'unauthenticated');
  });

  await t.test('health says that the database is away, and the process is still live', async () => {
    const response = await app.get('/health');
    assert.equal(response.status, 503);
    const health = healthResponse.parse(await response.json());
    assert.equal(health.status, 'unavailable');
    assert.equal(health.components.db, 'unavailable');
    assert.equal((await app.get('/health/live')).status, 200);
  });
});
