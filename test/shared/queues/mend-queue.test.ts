import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Worker } from 'bullmq';
import { newId } from '../../../shared/audit/ids.ts';
import { STORE_ROOT } from '../../../shared/queues/jobs.ts';
import { queuePrefix } from '../../../shared/queues/queue-prefix.ts';
import { createReadableBackend } from '../../../shared/queues/readable-backend.ts';
import { eventually } from '../../support/eventually.ts';
import { type OwnQueues, openOwnQueues } from '../../support/queues.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const PAYLOAD = { accountId: newId('account'), sessionId: newId('session') };
const OPTIONS = { longestMs: 120_000, scheduleIds: ['nightly'] };
const YEAR_3000_MS = Date.parse('3000-01-01');

function open(t: TestContext) {
  const own = openOwnQueues(t);
  const queue = own.queueOf(STORE_ROOT);
  return {
    own,
    queue,
    add: (jobId: string, options: object = {}) => queue.add('store-root', PAYLOAD, { jobId, ...options }),
    mend: () => own.queues.mend(STORE_ROOT.name, OPTIONS),
    keyOf: (name: string) => queue.toKey(name),
  };
}

/** Waits until a worker has done these jobs. */
async function untilDone({ redis, mongodbDb }: OwnQueues, ids: readonly string[], options: object = {}) {
  const done: string[] = [];
  const take = async ({ id }: { id?: string | undefined }) => void done.push(String(id));
  const settings = { connection: redis, prefix: queuePrefix(mongodbDb), ...options };
  const worker = new Worker(STORE_ROOT.name, take, settings, createReadableBackend);
  worker.on('error', () => {});
  try {
    await eventually('the jobs are done', () => assert.deepEqual(done, ids));
  } finally {
    await worker.close(true);
  }
}

/** What Redis has under a prefix, by key. The order of a hash's fields is Redis's own, and may change. */
async function readAll({ redis }: OwnQueues, prefix: string): Promise<Record<string, unknown>> {
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, '0', '-1'),
    zset: (key) => redis.zrange(key, '0', '-1', 'WITHSCORES'),
    stream: (key) => redis.xrange(key, '-', '+'),
  };
  const keys = (await redis.keys(`${prefix}*`)).sort();
  return Object.fromEntries(
    await Promise.all(keys.map(async (key) => [key, await read[await redis.type(key)]?.(key)] as const)),
  );
}

describe('a queue that is mended', WITH_REDIS, () => {
  it('keeps every job in its state, and every key that BullMQ wrote', async (t) => {
    const { own, queue, add, mend, keyOf } = open(t);
    const worker = new Worker(STORE_ROOT.name, null, {
      connection: own.redis,
      prefix: queuePrefix(own.mongodbDb),
      autorun: false,
      limiter: { max: 100, duration: 1_000 },
    });
    t.after(() => worker.close(true));
    const take = () => worker.getNextJob('token', { block: false });
    await add('a failed job', { attempts: 1 });
    await (await take())?.moveToFailed(new Error('failed'), 'token');
    await add('an active job');
    await take();
    await add('a waiting job');
    await add('a delayed job', { delay: 60_000 });
    await add('a prioritized job', { priority: 3 });
    await queue.upsertJobScheduler('nightly', { pattern: '0 3 * * *' }, { name: 'store-root', data: {} });
    await own.redis.set(keyOf('stalled-check'), '1', 'PX', 30_000);
    // It lasts for a second.
    await own.redis.pexpire(keyOf('limiter'), 60_000);
    const before = await readAll(own, keyOf(''));
    assert.ok(Object.keys(before).length > 15);
    assert.deepEqual(await mend(), { ids: 0, keys: [] });
    assert.deepEqual(await readAll(own, keyOf('')), before);
  });

  for (const [what, options] of [
    ['never ends', []],
    ['ends in the year 3000', ['PX', YEAR_3000_MS - Date.now()]],
  ] as const) {
    it(`gives up a job that its worker left, after a check for such jobs that ${what}`, async (t) => {
      const { own, add, mend, keyOf } = open(t);
      await add('left');
      await own.redis.lmove(keyOf('wait'), keyOf('active'), 'RIGHT', 'LEFT');
      await own.redis.set(keyOf('stalled-check'), '1', ...(options as []));
      assert.deepEqual(await mend(), { ids: 0, keys: [keyOf('stalled-check')] });
      await untilDone(own, ['left'], { stalledInterval: 50 });
    });
  }

  it('gives up a job under a lock that never ends', async (t) => {
    const { own, add, mend, keyOf } = open(t);
    await add('left');
    await own.redis.lmove(keyOf('wait'), keyOf('active'), 'RIGHT', 'LEFT');
    await own.redis.set(keyOf('left:lock'), 'forged');
    assert.deepEqual(await mend(), { ids: 0, keys: [keyOf('left:lock')] });
    await untilDone(own, ['left'], { stalledInterval: 50 });
  });

  it('goes on after a limit that ends in the year 3000', async (t) => {
    const { own, add, mend, keyOf } = open(t);
    await add('held');
    await own.redis.set(keyOf('limiter'), '1000', 'PX', YEAR_3000_MS - Date.now());
    assert.deepEqual((await mend()).keys, [keyOf('limiter')]);
    await untilDone(own, ['held'], { limiter: { max: 100, duration: 1_000 } });
  });

  it('goes on after its events had come to the last id that there is', async (t) => {
    const { own, add, mend, keyOf } = open(t);
    await add('first');
    const last = '18446744073709551615-18446744073709551615';
    await own.redis.call('XADD', keyOf('events'), last, 'event', 'x');
    // It leaves a hash, which the sweep removes.
    await assert.rejects(add('orphan'), /XADD|last possible ID|exhausted/);
    assert.deepEqual((await mend()).keys, [keyOf('events')]);
    await add('second');
    await untilDone(own, ['first', 'second']);
    assert.deepEqual((await mend()).keys, []);
  });

  it('has no ids of jobs that are not there, or that no worker can take', async (t) => {
    const { own, queue, add, mend, keyOf } = open(t);
    const { redis } = own;
    for (const state of ['wait', 'active']) await redis.lpush(keyOf(state), `a ${state} ghost`, 'wait');
    for (const state of ['delayed', 'prioritized', 'failed']) {
      await redis.zadd(keyOf(state), YEAR_3000_MS * 0x1000, `a ${state} ghost`);
    }
    await add('kept');
    await add('uncountable', { delay: 1_000 });
    await redis.hset(keyOf('uncountable'), 'ats', 'x');
    await add('a text', { delay: 1_000 });
    await redis.del(keyOf('a text'));
    await redis.set(keyOf('a text'), 'x');
    assert.equal((await mend()).ids, 9);
    const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'failed');
    assert.deepEqual(counts, { waiting: 1, active: 0, delayed: 0, prioritized: 0, failed: 0 });
    await add('a text');
    assert.deepEqual((await queue.getJob('a text'))?.data, PAYLOAD);
  });

  it('has no key of another type or with another text than BullMQ writes', async (t) => {
    const { own, add, mend, keyOf } = open(t);
    const texts = ['active', 'delayed', 'events', 'failed', 'marker', 'meta', 'prioritized', 'stalled'];
    const others = [...texts, 'wait', 'id', 'limiter', 'metrics:completed', 'repeat', 'repeat:nightly'];
    for (const name of others) {
      await own.redis.del(keyOf(name));
      await own.redis.set(keyOf(name), 'x');
    }
    assert.deepEqual((await mend()).keys.toSorted(), others.map(keyOf).toSorted());
    await own.redis.hset(keyOf('meta'), 'opts.maxLenEvents', 'x');
    await own.redis.hset(keyOf('metrics:completed'), 'count', 'x');
    assert.deepEqual((await mend()).keys, [keyOf('metrics:completed')]);
    await add('job');
    await untilDone(own, ['job'], { limiter: { max: 100, duration: 1_000 }, metrics: { maxDataPoints: 60 } });
  });
});
