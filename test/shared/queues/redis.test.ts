import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Redis } from 'ioredis';
import { openRedis, pingRedis, type RedisUse } from '../../../shared/queues/redis.ts';
import { eventually } from '../../support/eventually.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../support/redis.ts';

/** What waits for a timer then waits for ever. */
const HANGING = { timeout: 20_000 };
/** Nothing listens there. */
const NOWHERE = 'redis://127.0.0.1:1';

function open(t: TestContext, url: string, use: RedisUse): Redis {
  const redis = openRedis(url, use);
  t.after(() => redis.disconnect());
  return redis;
}

function untilReady(redis: Redis): Promise<void> {
  return eventually('the connection is ready', () => assert.equal(redis.status, 'ready'));
}

/** From now on only the test moves time, so nothing that waits for a timer ends by itself. */
function stopTimers({ mock }: TestContext): void {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
}

test('a Redis that runs answers a ping', WITH_REDIS, async (t) => {
  const redis = open(t, testRedisUrl(), 'worker');
  assert.equal(await pingRedis(redis, 10_000), true);
});

test('a producer fails at once where there is no Redis', HANGING, async (t) => {
  stopTimers(t);
  const redis = open(t, NOWHERE, 'producer');
  await assert.rejects(redis.get('key'));
  assert.equal(await pingRedis(redis, 10_000), false);
});

test('a worker waits for a Redis that is away, and a ping does not', HANGING, async (t) => {
  stopTimers(t);
  const redis = open(t, NOWHERE, 'worker');
  await eventually('the first attempt has failed', () => redis.status === 'reconnecting');
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  redis.get('key').then(over, over);
  const pinged = pingRedis(redis, 10);
  t.mock.timers.tick(10);
  assert.equal(await pinged, false);
  assert.deepEqual([redis.status, isOver], ['reconnecting', false]);
});

test('producers and workers reconnect by themselves once Redis is back', async (t) => {
  const own = await startOwnRedis(t);
  if (own === null) return;
  const producer = open(t, own.url, 'producer');
  const worker = open(t, own.url, 'worker');
  await untilReady(producer);
  await producer.set('key', 'kept');
  await own.stop();
  await assert.rejects(producer.get('key'));
  const waiting = worker.get('key');
  await own.start();
  assert.equal(await waiting, 'kept');
  await untilReady(producer);
  assert.equal(await producer.get('key'), 'kept');
});

test('a Redis that hangs fails a producer’s command, and a ping by its deadline', async (t) => {
  const own = await startOwnRedis(t);
  if (own === null) return;
  const producer = open(t, own.url, 'producer');
  await untilReady(producer);
  stopTimers(t);
  await own.whileHalted(async () => {
    const pinged = pingRedis(producer, 200);
    t.mock.timers.tick(200);
    assert.equal(await pinged, false);
    const failed = assert.rejects(producer.set('key', 'value'), /timed out/);
    t.mock.timers.tick(5_000);
    await failed;
  });
});
