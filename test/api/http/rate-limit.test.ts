import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { createRateLimiter } from '../../../api/http/rate-limiter.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { queuePrefix } from '../../../shared/queues/queue-prefix.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { assertError } from '../../support/answers.ts';
import { eventually } from '../../support/eventually.ts';
import { setRateClock, stopRateClock } from '../../support/rate-clock.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

/** Makes up for a burst in a minute: no test that does not hang sees a second one. */
const RATE_LIMIT = '1:60';

/** Uses up what the account may send at once, but for the last three requests. */
async function leaveThree(app: TestApp, accountId: string): Promise<void> {
  await Promise.all(Array.from({ length: 57 }, () => app.deps.rateLimiter?.count(accountId)));
}

const HANGING = { timeout: 20_000 };

async function statuses(app: TestApp, cookie: string, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i += 1) found.push((await app.get('/api/v1/sessions', cookie)).status);
  return found;
}

describe('a rate limit without Redis', () => {
  it('without RATE_LIMIT no request is limited', async (t) => {
    const app = await startApp(t);
    const { cookie } = await app.addTenant('Clinic');
    assert.deepEqual(await statuses(app, cookie, 70), Array(70).fill(200));
  });

  it('an account may send a burst, and is told when to try again', async (t) => {
    const app = await startApp(t, { RATE_LIMIT });
    const [clinic, other] = [await app.addTenant('Clinic'), await app.addTenant('Other')];
    await leaveThree(app, clinic.accountId);

    await t.test('a request without a login is counted for nobody, and is 401', async () => {
      for (let i = 0; i < 4; i += 1) await assertError(await app.get('/api/v1/me'), 401, 'unauthenticated');
    });
    await t.test('a request beyond the burst is 429 with any login of the account', async () => {
      assert.deepEqual(await statuses(app, clinic.cookie, 4), [200, 200, 200, 429]);
      const refused = await app.get('/api/v1/me', await app.login(clinic.accountId));
      const after = refused.headers.get('retry-after') ?? '';
      assert.match(after, /^([1-9]|[1-5]\d|60)$/);
      assert.equal(refused.headers.get('ratelimit-policy'), '"account";q=60;w=60');
      assert.equal(refused.headers.get('ratelimit'), `"account";r=0;t=${after}`);
      await assertError(refused, 429, 'rate_limited');
    });
    await t.test('a request beyond the burst is 429 even without the permission', async () => {
      const response = await app.get('/api/v1/agents', await app.login(clinic.accountId, []));
      await assertError(response, 429, 'rate_limited');
    });
    await t.test('other accounts and public routes are not limited', async () => {
      const answer = await app.get('/api/v1/sessions', other.cookie);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('ratelimit') ?? '', /^"account";r=59;t=\d+$/);
      assert.equal((await app.get('/health/live', clinic.cookie)).status, 200);
    });
  });

  it('in memory no more requests pass on average than the rate allows', async (t) => {
    t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
    const limiter = createRateLimiter({ perSecond: 20, burst: 24 }, { redis: null, mongodbDb: 'none' });
    let passed = 0;
    for (let ms = 0; ms < 2_450; ms += 1) {
      while ((await limiter.count('acc_1')).retryAfterS === null) passed += 1;
      t.mock.timers.tick(1);
    }
    // Windows begin at 0, 1.2 and 2.4 s.
    assert.equal(passed, 3 * 24);
  });

  it('a burst below the rate counts as one second’s worth', async () => {
    const limiter = createRateLimiter({ perSecond: 5, burst: 1 }, { redis: null, mongodbDb: 'none' });
    const counted = await Promise.all(Array.from({ length: 6 }, () => limiter.count('acc_1')));
    const waits = counted.map(({ retryAfterS }) => retryAfterS);
    assert.deepEqual(waits, [null, null, null, null, null, 1]);
  });
});

describe('a rate limit in Redis', WITH_REDIS, () => {
  it('Redis never lets two bursts pass at once, and fills a bucket at the rate', async (t) => {
    stopRateClock(t);
    const redis = openRedis(testRedisUrl(), 'worker');
    const mongodbDb = `test_${newId('account')}`;
    const key = `${queuePrefix(mongodbDb)}:rate:acc_1`;
    t.after(async () => {
      await redis.del(key, `${key}:clock`);
      redis.disconnect();
    });
    const limiter = createRateLimiter({ perSecond: 10, burst: 60 }, { redis, mongodbDb });
    await redis.ping();

    /** Of so many requests at once, at that moment, how many pass. */
    async function passingAt(ms: number, requests: number): Promise<number> {
      await setRateClock(redis, key, ms);
      const counted = await Promise.all(Array.from({ length: requests }, () => limiter.count('acc_1')));
      const waits = counted.map(({ retryAfterS }) => retryAfterS);
      assert.ok(waits.every((wait) => wait === null || wait === 1));
      return waits.filter((wait) => wait === null).length;
    }

    assert.equal(await passingAt(0, 1), 1);
    await setRateClock(redis, key, 50);
    // The first is half made up for.
    assert.deepEqual(await limiter.count('acc_1'), { retryAfterS: null, left: 58, resetS: 1 });
    assert.equal(await passingAt(500, 150), 60);
    assert.equal(await passingAt(599, 5), 0);
    assert.equal(await passingAt(600, 5), 1);
    let passed = 0;
    for (let ms = 650; ms <= 10_600; ms += 50) passed += await passingAt(ms, 2);
    assert.equal(passed, 100);
    assert.equal(await passingAt(3_600_000, 150), 60);
  });

  it("processes share an account's bucket in Redis, under the deployment’s prefix", async (t) => {
    stopRateClock(t);
    const redis = new Redis(testRedisUrl());
    t.after(() => redis.disconnect());
    const app = await startApp(t, { RATE_LIMIT, REDIS_URL: testRedisUrl() });
    await waitForRedis(app);
    const { accountId, cookie } = await app.addTenant('Clinic');
    const mongodbDb = app.database.name;
    await leaveThree(app, accountId);
    assert.deepEqual(await statuses(app, cookie, 2), [200, 200]);
    const elsewhere = createRateLimiter({ perSecond: 1, burst: 60 }, { redis, mongodbDb });
    const { retryAfterS, left } = await elsewhere.count(accountId);
    assert.deepEqual([retryAfterS, left], [null, 0]);
    assert.deepEqual(await statuses(app, cookie, 1), [429]);
    assert.equal(await redis.exists(`${queuePrefix(mongodbDb)}:rate:${accountId}`), 1);
  });

  it('Redis forgets an account once its bucket is full again', async (t) => {
    const redis = openRedis(testRedisUrl(), 'worker');
    t.after(async () => redis.disconnect());
    const mongodbDb = `test_${newId('account')}`;
    // Each request takes 100 s to make up for.
    const limiter = createRateLimiter({ perSecond: 0.01, burst: 90 }, { redis, mongodbDb });
    await redis.ping();
    for (let i = 0; i < 5; i += 1) await limiter.count('acc_1');
    const ttlMs = await redis.pttl(`${queuePrefix(mongodbDb)}:rate:acc_1`);
    assert.ok(ttlMs > 400_000 && ttlMs <= 500_000, String(ttlMs));
  });

  it('requests are limited in memory while Redis hangs or is away, and in Redis once it is back', async (t) => {
    const own = await startOwnRedis(t);
    if (!own) return;
    const control = new Redis(own.url, { retryStrategy: () => 20 });
    control.on('error', () => {});
    t.after(() => control.disconnect());
    const app = await startApp(t, { RATE_LIMIT, REDIS_URL: own.url });
    await waitForRedis(app);

    await t.test('the limit holds in memory while Redis never answers', HANGING, async () => {
      const { accountId, cookie } = await app.addTenant('Hanging');
      await own.whileHalted(async () => {
        // Whoever waits for Redis itself then waits for ever.
        delete app.deps.pipeline!.redis.options.commandTimeout;
        await leaveThree(app, accountId);
        assert.deepEqual(await statuses(app, cookie, 5), [200, 200, 200, 429, 429]);
      });
      await control.ping();
    });
    await t.test('while Redis is away, the limit holds in memory', async () => {
      await own.stop();
      const { accountId, cookie } = await app.addTenant('Away');
      await leaveThree(app, accountId);
      assert.deepEqual(await statuses(app, cookie, 4), [200, 200, 200, 429]);
    });
    await t.test('once Redis is back, it counts requests again', async () => {
      await own.start();
      await waitForRedis(app);
      const { accountId, cookie } = await app.addTenant('Back');
      assert.deepEqual(await statuses(app, cookie, 1), [200]);
      assert.equal(await control.exists(`${queuePrefix(app.database.name)}:rate:${accountId}`), 1);
    });
  });
});

function waitForRedis({ deps }: TestApp): Promise<void> {
  return eventually('Redis is there', () => assert.equal(deps.pipeline!.redis.status, 'ready'));
}
