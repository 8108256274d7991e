import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Redis } from 'ioredis';
import { openRedis, pingRedis, type RedisUse } from '../../../shared/queues/redis.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../support/redis.ts';

/** Nothing listens there. */
const NOWHERE = 'redis://127.0.0.1:1';

function open(t: TestContext, url: string, use: RedisUse): Redis {
  const redis = openRedis(url, use);
  t.after(() => redis.disconnect());
  return redis;
}

async function untilReady(t: TestContext, redis: Redis): Promise<void> {
  await t.waitFor(() => assert.equal(redis.status, 'ready'), { interval: 20, timeout: 20_000 });
}

test('a Redis that runs answers a ping', WITH_REDIS, async (t) => {
  const redis = open(t, testRedisUrl(), 'worker');
  assert.equal(await pingRedis(redis, 10_000), true);
});

test('a producer fails at once where there is no Redis', async (t) => {
  const redis = open(t, NOWHERE, 'producer');
  const startedAt = performance.now();
  await assert.rejects(redis.get('key'));
  assert.equal(await pingRedis(redis, 10_000), false);
  assert.ok(performance.now() - startedAt < 500);
});

test('a worker waits for a Redis that is away, and a ping does not', async (t) => {
  const redis = open(t, NOWHERE, 'worker');
  assert.equal(await pingRedis(redis, 300), false);
  assert.equal(redis.status, 'reconnecting');
});

test('both are back by themselves when Redis is', async (t) => {
  const own = await startOwnRedis(t);
  if (own === null) return;
  const producer = open(t, own.url, 'producer');
  const worker = open(t, own.url, 'worker');
  await untilReady(t, producer);
  await producer.set('key', 'kept');
  await own.stop();
  await assert.rejects(producer.get('key'));
  const waiting = worker.get('key');
  await own.start();
  assert.equal(await waiting, 'kept');
  await untilReady(t, producer);
  assert.equal(await producer.get('key'), 'kept');
});

test('a Redis that hangs fails a producer’s command, and a ping by its deadline', async (t) => {
  const own = await startOwnRedis(t);
  if (own === null) return;
  const producer = open(t, own.url, 'producer');
  await untilReady(t, producer);
  const pid = own.pid();
  process.kill(pid, 'SIGSTOP');
  try {
    assert.equal(await pingRedis(producer, 200), false);
    await assert.rejects(producer.set('key', 'value'), /timed out/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
