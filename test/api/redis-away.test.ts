import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { healthResponse } from '../../api/routes/health/schema.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { assertError } from '../support/answers.ts';
import { eventually } from '../support/eventually.ts';
import { addSessionWithLog, redaction } from '../support/logs.ts';
import { startOwnRedis, WITH_REDIS } from '../support/redis.ts';
import { startApp, type TestApp } from '../support/start-app.ts';

async function startClinic(t: TestContext, redisUrl: string) {
  const app = await startApp(t, { REDIS_URL: redisUrl, RATE_LIMIT: '30:60' });
  const tenant = await app.addTenant('Clinic');
  const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
  const admin = await app.login(tenant.accountId, ['admin']);
  const paths = ['sessions', 'agents', `sessions/${session.id}`, `sessions/${session.id}/report`];
  return {
    app,
    admin,
    async assertServes() {
      for (const path of paths) {
        const response = await app.get(`/api/v1/${path}`, tenant.cookie);
        assert.equal(response.status, 200, path);
        await response.text();
      }
    },
  };
}

async function assertRedisUp(app: TestApp, isUp: boolean): Promise<void> {
  const response = await app.get('/health');
  assert.equal(response.status, 200);
  const { status, components } = healthResponse.parse(await response.json());
  assert.equal(status, 'degraded');
  assert.equal(components.queue, isUp ? 'ok' : 'unavailable');
  assert.match(components.pipeline, isUp ? /^behind: no worker/ : /^unavailable: Redis/);
  const metrics = await app.get('/metrics');
  assert.equal(metrics.status, 200);
  const text = await metrics.text();
  assert.match(text, isUp ? /^masker_redis_up 1$/m : /^masker_redis_up 0$/m);
  assert.equal(text.includes('masker_queue_depth{'), isUp);
}

test('Redis goes and comes back while the API serves', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const { app, admin, assertServes } = await startClinic(t, redis.url);
  const isBack = () => eventually('Redis is up', () => assertRedisUp(app, true));

  await t.test('every route is served while Redis is there', async () => {
    await isBack();
    await assertServes();
    assert.equal((await app.get('/admin/queues', admin)).status, 200);
  });
  await t.test(
    'every route but the dashboard is served while Redis is away, and health and metrics say so',
    async () => {
      await redis.stop();
      await eventually('Redis is down', () => assertRedisUp(app, false));
      await assertServes();
      await assertError(await app.get('/admin/queues', admin), 503, 'unavailable');
      await assertError(await app.get('/admin/queues/api/queues', admin), 503, 'unavailable');
    },
  );
  await t.test('every route is served once Redis is back', async () => {
    await redis.start();
    await isBack();
    await assertServes();
    assert.equal((await app.get('/admin/queues', admin)).status, 200);
    assert.equal((await app.get('/admin/queues/api/queues', admin)).status, 200);
  });
  await t.test('no request waits for a Redis that never answers', { timeout: 60_000 }, async () => {
    // Whoever waits for Redis itself then waits for ever.
    delete app.deps.pipeline!.redis.options.commandTimeout;
    await redis.whileHalted(async () => {
      await assertRedisUp(app, false);
      await assertError(await app.get('/admin/queues', admin), 503, 'unavailable');
      await assertServes();
    });
  });
});

test('health says with which words Redis refuses writes, and that it evicts keys', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const app = await startApp(t, { REDIS_URL: redis.url });
  const client = openRedis(redis.url, 'worker');
  t.after(() => client.disconnect());
  const queueIs = (form: RegExp) =>
    eventually('health says so', async () => {
      const response = await app.get('/health');
      assert.equal(response.status, 200);
      const { status, components } = healthResponse.parse(await response.json());
      assert.equal(status, 'degraded');
      assert.match(components.queue, form);
    });
  await queueIs(/^ok$/);
  await client.config('SET', 'maxmemory', '1');
  await queueIs(/^degraded: Redis refuses writes: OOM command not allowed/);
  await client.config('SET', 'maxmemory', '0');
  await client.config('SET', 'min-replicas-to-write', '1');
  await queueIs(/^degraded: Redis refuses writes: NOREPLICAS /);
  await client.config('SET', 'min-replicas-to-write', '0');
  await client.replicaof('127.0.0.1', 1);
  await queueIs(/^degraded: Redis refuses writes: READONLY /);
  await client.replicaof('NO', 'ONE');
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await queueIs(/^degraded: Redis evicts keys.* allkeys-lru; set it to noeviction$/);
  await client.config('SET', 'maxmemory-policy', 'noeviction');
  await queueIs(/^ok$/);
});

test('the API starts without its Redis, and finds it later', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  await redis.stop();
  const { app, admin, assertServes } = await startClinic(t, redis.url);
  await assertRedisUp(app, false);
  await assertServes();
  await assertError(await app.get('/admin/queues', admin), 503, 'unavailable');
  await redis.start();
  await eventually('Redis is up', () => assertRedisUp(app, true));
  assert.equal((await app.get('/admin/queues/api/queues', admin)).status, 200);
});
