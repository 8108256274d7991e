import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createRateLimiter } from '../../../api/http/rate-limiter.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { queuePrefix } from '../../../shared/queues/queues.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { assertError } from '../../support/answers.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

/** So slow that a test sees one window only. */
const RATE_LIMIT = '1:3';

async function statuses(app: TestApp, cookie: string, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i += 1) found.push((await app.get('/api/v1/sessions', cookie)).status);
  return found;
}

describe('a rate limit without Redis', () => {
  it('is off unless it is configured', async (t) => {
    const app = await startApp(t);
    const { cookie } = await app.addTenant('Clinic');
    assert.deepEqual(await statuses(app, cookie, 70), Array(70).fill(200));
  });

  it('lets a burst of an account through, then says when to try again', async (t) => {
    const app = await startApp(t, { RATE_LIMIT });
    const [clinic, other] = [await app.addTenant('Clinic'), await app.addTenant('Other')];

    await t.test('a request without a login is nobody’s, and refused as ever', async () => {
      for (let i = 0; i < 4; i += 1) await assertError(await app.get('/api/v1/me'), 401, 'unauthenticated');
    });
    await t.test('what is beyond the burst is 429, whichever login of the account asks', async () => {
      assert.deepEqual(await statuses(app, clinic.cookie, 4), [200, 200, 200, 429]);
      const refused = await app.get('/api/v1/me', await app.login(clinic.accountId));
      assert.match(refused.headers.get('retry-after') ?? '', /^[123]$/);
      await assertError(refused, 429, 'rate_limited');
    });
    await t.test('it comes before the permission', async () => {
      const response = await app.get('/api/v1/agents', await app.login(clinic.accountId, []));
      await assertError(response, 429, 'rate_limited');
    });
    await t.test('other accounts, and what is public, are not held up', async () => {
      assert.equal((await app.get('/api/v1/sessions', other.cookie)).status, 200);
      assert.equal((await app.get('/health/live', clinic.cookie)).status, 200);
    });
  });

  it('lets no more through on average than the rate', async () => {
    const limiter = createRateLimiter({ perSecond: 20, burst: 24 }, { redis: null, mongodbDb: 'none' });
    const until = performance.now() + 2_450;
    let passed = 0;
    while (performance.now() < until) {
      if ((await limiter.count('acc_1')) === null) passed += 1;
      else await new Promise((resolve) => setTimeout(resolve, 2));
    }
    // Windows begin at 0, 1.2 and 2.4 s.
    assert.equal(passed, 3 * 24);
  });

  it('takes a burst below the rate for a second’s worth', async () => {
    const limiter = createRateLimiter({ perSecond: 5, burst: 1 }, { redis: null, mongodbDb: 'none' });
    const waits = await Promise.all(Array.from({ length: 6 }, () => limiter.count('acc_1')));
    assert.deepEqual(waits, [null, null, null, null, null, 1]);
  });
});

describe('a rate limit in Redis', WITH_REDIS, () => {
  it('never lets two bursts through at once', async (t) => {
    const redis = openRedis(testRedisUrl(), 'worker');
    const mongodbDb = `test_${newId('account')}`;
    t.after(async () => {
      await redis.del(`${queuePrefix(mongodbDb)}:rate:acc_1`);
      redis.disconnect();
    });
    const limiter = createRateLimiter({ perSecond: 10, burst: 60 }, { redis, mongodbDb });
    await redis.ping();
    assert.equal(await limiter.count('acc_1'), null);
    await sleep(500);
    const waits = await Promise.all(Array.from({ length: 150 }, () => limiter.count('acc_1')));
    // Some may be filled in meanwhile, where the machine is slow.
    const passed = waits.filter((wait) => wait === null).length;
    assert.ok(passed >= 60 && passed < 80, `${passed} passed`);
    assert.ok(waits.every((wait) => wait === null || wait === 1));
  });

  it('is shared by all processes, under the deployment’s prefix and the account’s id', async (t) => {
    const redis = new Redis(testRedisUrl());
    t.after(() => redis.disconnect());
    const app = await startApp(t, { RATE_LIMIT, REDIS_URL: testRedisUrl() });
    await waitForRedis(app);
    const { accountId, cookie } = await app.addTenant('Clinic');
    const mongodbDb = app.database.name;
    assert.deepEqual(await statuses(app, cookie, 2), [200, 200]);
    const elsewhere = createRateLimiter({ perSecond: 1, burst: 3 }, { redis, mongodbDb });
    assert.equal(await elsewhere.count(accountId), null);
    assert.deepEqual(await statuses(app, cookie, 1), [429]);
    assert.equal(await redis.exists(`${queuePrefix(mongodbDb)}:rate:${accountId}`), 1);
  });

  it('forgets an account once its bucket is full again', async (t) => {
    const redis = openRedis(testRedisUrl(), 'worker');
    t.after(async () => redis.disconnect());
    const mongodbDb = `test_${newId('account')}`;
    const limiter = createRateLimiter({ perSecond: 1, burst: 90 }, { redis, mongodbDb });
    await redis.ping();
    for (let i = 0; i < 5; i += 1) await limiter.count('acc_1');
    const ttlMs = await redis.pttl(`${queuePrefix(mongodbDb)}:rate:acc_1`);
    assert.ok(ttlMs > 0 && ttlMs <= 5_000, String(ttlMs));
  });

  it('goes on in memory while Redis hangs or is away, and in Redis once it is back', async (t) => {
    const own = await startOwnRedis(t);
    if (!own) return;
    const control = new Redis(own.url, { retryStrategy: () => 20 });
    control.on('error', () => {});
    t.after(() => control.disconnect());
    const app = await startApp(t, { RATE_LIMIT, REDIS_URL: own.url });
    await waitForRedis(app);

    await t.test('a Redis that hangs holds no request up for long', async () => {
      const { cookie } = await app.addTenant('Hanging');
      await control.client('PAUSE', 2_000);
      const startedAt = performance.now();
      assert.deepEqual(await statuses(app, cookie, 5), [200, 200, 200, 429, 429]);
      assert.ok(performance.now() - startedAt < 1_500);
      await control.ping();
    });
    await t.test('a Redis that is away', async () => {
      await own.stop();
      const { cookie } = await app.addTenant('Away');
      assert.deepEqual(await statuses(app, cookie, 4), [200, 200, 200, 429]);
    });
    await t.test('a Redis that is back', async () => {
      await own.start();
      await t.waitFor(() => waitForRedis(app), { timeout: 10_000 });
      const { accountId, cookie } = await app.addTenant('Back');
      assert.deepEqual(await statuses(app, cookie, 1), [200]);
      assert.equal(await control.exists(`${queuePrefix(app.database.name)}:rate:${accountId}`), 1);
    });
  });
});

async function waitForRedis({ deps }: TestApp): Promise<void> {
  const { redis } = deps.pipeline!;
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
}
