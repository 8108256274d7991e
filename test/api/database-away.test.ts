import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthResponse } from '../../api/routes/health/schema.ts';
import { newId } from '../../shared/audit/ids.ts';
import { assertError } from '../support/answers.ts';
import { startApp } from '../support/start-app.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

test('while the database is away', async (t) => {
  const { hostname, port } = new URL(process.env.TEST_MONGODB_URI ?? 'mongodb://127.0.0.1');
  const proxy = await startTcpProxy({ host: hostname, port: Number(port || 27017) });
  t.after(() => proxy.close());
  const app = await startApp(t, { MONGODB_URI: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` });
  const { agentId, cookie } = await app.addTenant('Clinic');
  assert.equal((await app.get('/api/v1/me', cookie)).status, 200);
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
