import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { CHECK_DRIFT, SWEEP, VERIFY_LOGS } from '../../../shared/queues/jobs.ts';
import { startSchedules } from '../../../workers/jobs/schedules.ts';
import { openOwnQueues } from '../../support/queues.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const DAY_MS = 24 * 3_600_000;
const YEAR_3000_MS = Date.parse('3000-01-01');

async function open(t: TestContext) {
  const own = openOwnQueues(t);
  const start = async () =>
    (await startSchedules(own.queues, { log: pino({ enabled: false }), guardMs: DAY_MS })).stop();
  await start();
  return {
    ...own,
    /** Looks after all schedules, as at the start. */
    start,
    /** The next run of a schedule: its data, state and time. */
    async nextRun(definition: typeof SWEEP | typeof CHECK_DRIFT | typeof VERIFY_LOGS, id: string) {
      const queue = own.queueOf(definition);
      const next = (await queue.getJobScheduler(id))?.next as number;
      const runId = `repeat:${id}:${next}`;
      const score = await own.redis.zscore(queue.toKey('delayed'), runId);
      const run = await queue.getJob(runId);
      return { runId, next, run, atMs: score === null ? null : Number(score) / 0x1000 };
    },
  };
}

describe('schedules of several workers', WITH_REDIS, () => {
  it('are made once by all that start at the same time, over none or over changed ones', async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const own = openOwnQueues(t);
      const start = async () =>
        (await startSchedules(own.queues, { log: pino({ enabled: false }), guardMs: DAY_MS })).stop();
      const startAll = () => Promise.all(Array.from({ length: 6 }, start));
      await startAll();
      const queue = own.queueOf(SWEEP);
      const ids = async () => (await queue.getJobSchedulers()).map(({ key }) => key).sort();
      const made = await ids();
      assert.equal(made.length, 5);
      for (const id of made) await own.redis.hset(queue.toKey(`repeat:${id}`), 'data', '{"of":"nothing"}');
      await startAll();
      assert.deepEqual(await ids(), made);
      for (const id of made) {
        const { next, template } = (await queue.getJobScheduler(id))!;
        assert.notDeepEqual(template?.data, { of: 'nothing' });
        assert.match(await queue.getJobState(`repeat:${id}:${next}`), /^(?:delayed|waiting)$/);
      }
    }
  });
});

describe('a schedule that somebody changed in Redis is made again', WITH_REDIS, () => {
  for (const what of ['changed', 'open', 'reports', 'logs']) {
    it(`with the data of its template: sweep-${what}`, async (t) => {
      const { redis, queueOf, start, nextRun } = await open(t);
      const queue = queueOf(SWEEP);
      await redis.hset(queue.toKey(`repeat:sweep-${what}`), 'data', '{"of":"payloads"}');
      await start();
      assert.deepEqual((await queue.getJobScheduler(`sweep-${what}`))?.template?.data, { of: what });
      assert.deepEqual((await nextRun(SWEEP, `sweep-${what}`)).run?.data, { of: what });
    });
  }

  it('with the data of its next run', async (t) => {
    const { redis, queueOf, start, nextRun } = await open(t);
    const { runId } = await nextRun(CHECK_DRIFT, 'check-drift');
    await redis.hset(queueOf(CHECK_DRIFT).toKey(runId), 'data', '{"sessions":1}');
    await start();
    assert.deepEqual((await nextRun(CHECK_DRIFT, 'check-drift')).run?.data, { sessions: 500 });
  });

  for (const [what, change] of [
    ['data that is no JSON', ['hset', 'data', '{']],
    ['a text', ['set', 'x']],
  ] as const) {
    it(`where ${what} stands in its place`, async (t) => {
      const { redis, queueOf, start } = await open(t);
      const queue = queueOf(SWEEP);
      const [command, ...values] = change;
      const key = queue.toKey('repeat:sweep-changed');
      if (command === 'set') await redis.del(key);
      await redis.call(command, key, ...values);
      await start();
      assert.deepEqual((await queue.getJobScheduler('sweep-changed'))?.template?.data, { of: 'changed' });
    });
  }

  for (const [definition, id, longestMs] of [
    [CHECK_DRIFT, 'check-drift', DAY_MS],
    [SWEEP, 'sweep-changed', 60_000],
  ] as const) {
    for (const [where, move] of [
      ['by the clock', ['repeat', YEAR_3000_MS]],
      ['among the delayed', ['delayed', YEAR_3000_MS * 0x1000]],
    ] as const) {
      it(`where its next run was moved to the year 3000 ${where}: ${id}`, async (t) => {
        const { redis, queueOf, start, nextRun } = await open(t);
        const queue = queueOf(definition);
        const { runId } = await nextRun(definition, id);
        for (const state of ['wait', 'delayed']) await redis.del(queue.toKey(state));
        await redis.zadd(queue.toKey('delayed'), YEAR_3000_MS * 0x1000, runId);
        const [name, score] = move;
        await redis.zadd(queue.toKey(name), score, name === 'repeat' ? id : runId);
        await start();
        const { next, run, atMs } = await nextRun(definition, id);
        assert.ok(run);
        assert.ok(next <= Date.now() + longestMs, `${next}`);
        assert.ok(atMs === null || atMs <= Date.now() + longestMs, `${atMs}`);
      });
    }
  }

  it('where another pattern, name or end stands in it', async (t) => {
    const { redis, queueOf, start } = await open(t);
    const key = queueOf(CHECK_DRIFT).toKey('repeat:check-drift');
    const before = await redis.hgetall(key);
    await redis.hset(key, 'tz', 'Asia/Tokyo');
    await start();
    assert.deepEqual(await redis.hgetall(key), before);
    await redis.hset(key, 'limit', '1', 'name', 'x');
    await start();
    assert.deepEqual(await redis.hgetall(key), before);
  });

  it('and one that the service does not have is removed', async (t) => {
    const { queueOf, start } = await open(t);
    const queue = queueOf(VERIFY_LOGS);
    await queue.upsertJobScheduler('another', { every: 1 }, { name: 'verify-logs', data: {} });
    await start();
    assert.deepEqual(
      (await queue.getJobSchedulers()).map(({ key }) => key),
      ['verify-logs'],
    );
  });
});
