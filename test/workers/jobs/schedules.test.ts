import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { newId } from '../../../shared/audit/ids.ts';
import { CHECK_DRIFT, STORE_ROOT, SWEEP, VERIFY_LOGS } from '../../../shared/queues/jobs.ts';
import { startSchedules } from '../../../workers/jobs/schedules.ts';
import { eventually } from '../../support/eventually.ts';
import { type OwnQueues, openOwnQueues } from '../../support/queues.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Hours from the nightly check. */
const NOON_MS = Date.parse('2027-01-01T12:00:00Z');

/** A clock and a timer that only the test moves. The timer does not go by the clock, as none does. */
function stopClock(t: TestContext) {
  let nowMs = NOON_MS;
  t.mock.method(Date, 'now', () => nowMs);
  t.mock.timers.enable({ apis: ['setInterval'] });
  return {
    /** The schedules are looked after once. */
    guard: () => t.mock.timers.tick(SECOND_MS),
    moveBy(ms: number): void {
      nowMs += ms;
    },
  };
}

async function start(t: TestContext, { queues }: OwnQueues, options: { sweepEveryMs?: number } = {}) {
  const warnings: string[] = [];
  const log = pino({ base: null }, { write: (line) => void warnings.push(JSON.parse(line).msg) });
  const schedules = await startSchedules(queues, { log, guardMs: SECOND_MS, ...options });
  t.after(() => schedules.stop());
  return { ...schedules, warnings };
}

async function listSchedules(own: OwnQueues) {
  const found = await Promise.all(
    [SWEEP, CHECK_DRIFT, VERIFY_LOGS].map((definition) => own.queueOf(definition).getJobSchedulers()),
  );
  return found.flat().sort((a, b) => (a.key < b.key ? -1 : 1));
}

const idsOf = (jobs: readonly { id?: string | undefined }[]) => jobs.map(({ id }) => id);

const nextOf = async (own: OwnQueues, id: string) => (await own.queueOf(SWEEP).getJobScheduler(id))?.next;

describe('schedules', WITH_REDIS, () => {
  it('schedules sweep changed sessions and reports each minute and open sessions each ten, and check drift each night', async (t) => {
    const own = openOwnQueues(t);
    await start(t, own);
    const found = await listSchedules(own);
    assert.deepEqual(
      found.map(({ key, every, pattern, tz, template }) => [
        key,
        Number(every) || pattern,
        tz,
        template?.data,
      ]),
      [
        ['check-drift', '0 3 * * *', 'UTC', { sessions: 500 }],
        ['sweep-changed', MINUTE_MS, undefined, { of: 'changed' }],
        ['sweep-logs', MINUTE_MS / 2, undefined, { of: 'logs' }],
        ['sweep-open', 10 * MINUTE_MS, undefined, { of: 'open' }],
        ['sweep-payloads', 60 * MINUTE_MS, undefined, { of: 'payloads' }],
        ['sweep-reports', MINUTE_MS, undefined, { of: 'reports' }],
        ['verify-logs', MINUTE_MS, undefined, undefined],
      ],
    );
    for (const definition of [SWEEP, CHECK_DRIFT, VERIFY_LOGS]) {
      const queue = own.queueOf(definition);
      assert.equal(await queue.getGlobalConcurrency(), 1);
      for (const job of await queue.getJobs(['waiting', 'delayed'])) {
        assert.equal(job.name, definition.name);
        assert.ok(definition.payload.safeParse(job.data).success);
      }
    }
  });

  it('schedules are left as they are when another worker starts', async (t) => {
    const own = openOwnQueues(t);
    await start(t, own);
    const before = await listSchedules(own);
    const made = own.queues.all.map((queue) => t.mock.method(queue, 'upsertJobScheduler'));
    await start(t, own);
    assert.deepEqual(
      made.map(({ mock }) => mock.callCount()),
      own.queues.all.map(() => 0),
    );
    assert.deepEqual(await listSchedules(own), before);
  });

  it('schedules are made again with another period', async (t) => {
    const own = openOwnQueues(t);
    await start(t, own);
    await start(t, own, { sweepEveryMs: 30 * SECOND_MS });
    const periods = (await listSchedules(own)).map(({ key, every }) => [key, Number(every)]);
    assert.deepEqual(periods.slice(1), [
      ['sweep-changed', 30 * SECOND_MS],
      ['sweep-logs', 15 * SECOND_MS],
      ['sweep-open', 300 * SECOND_MS],
      ['sweep-payloads', 1800 * SECOND_MS],
      ['sweep-reports', 30 * SECOND_MS],
      ['verify-logs', 30 * SECOND_MS],
    ]);
  });
});

describe('a guard of schedules', WITH_REDIS, () => {
  it('schedules are made again in a Redis that lost its data', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    await start(t, own);
    const before = await listSchedules(own);
    for (const queue of own.queues.all) await queue.obliterate({ force: true });
    assert.deepEqual(await listSchedules(own), []);
    clock.guard();
    await eventually('all schedules are back', async () => {
      const ids = (await listSchedules(own)).map(({ key }) => key);
      assert.deepEqual(
        ids,
        before.map(({ key }) => key),
      );
    });
  });

  it('a schedule is made again whose next run was removed', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    await start(t, own);
    const queue = own.queueOf(SWEEP);
    const nextRun = async () => queue.getJob(`repeat:sweep-changed:${await nextOf(own, 'sweep-changed')}`);
    const run = await nextRun();
    assert.ok(run?.id);
    await own.redis.del(queue.toKey(run.id));
    for (const state of ['delayed', 'wait']) {
      await own.redis
        .zrem(queue.toKey(state), run.id)
        .catch(() => own.redis.lrem(queue.toKey(state), 0, run.id!));
    }
    assert.equal(await nextRun(), undefined);
    clock.guard();
    await eventually('the next run is back', async () => assert.ok(await nextRun()));
  });

  for (const [id, definition] of [
    ['sweep-changed', SWEEP],
    ['check-drift', CHECK_DRIFT],
  ] as const) {
    it(`a schedule is made again of whose next run the hash alone is left: ${id}`, async (t) => {
      const clock = stopClock(t);
      const own = openOwnQueues(t);
      await start(t, own);
      const queue = own.queueOf(definition);
      const nextRun = async () => `repeat:${id}:${(await queue.getJobScheduler(id))?.next}`;
      for (const state of ['delayed', 'wait']) await own.redis.del(queue.toKey(state));
      assert.equal(await queue.getJobState(await nextRun()), 'unknown');
      clock.guard();
      await eventually('the next run waits', async () => {
        assert.match(await queue.getJobState(await nextRun()), /^(delayed|waiting)$/);
      });
    });
  }

  it('a schedule is made again whose next run failed before another was made', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    await start(t, own);
    const queue = own.queueOf(SWEEP);
    const nextRun = async () => `repeat:sweep-changed:${await nextOf(own, 'sweep-changed')}`;
    for (const state of ['delayed', 'wait']) await own.redis.del(queue.toKey(state));
    await own.redis.zadd(queue.toKey('failed'), NOON_MS, await nextRun());
    assert.equal(await queue.getJobState(await nextRun()), 'failed');
    clock.guard();
    await eventually('the next run waits', async () => {
      assert.match(await queue.getJobState(await nextRun()), /^(delayed|waiting)$/);
    });
  });

  it('a next run that is hours ahead after the clock was put back is moved to within its period', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    clock.moveBy(3 * HOUR_MS);
    await start(t, own);
    clock.moveBy(-3 * HOUR_MS);
    assert.ok((await nextOf(own, 'sweep-changed'))! > Date.now() + 2 * HOUR_MS);
    clock.guard();
    for (const [id, everyMs] of [
      ['sweep-changed', MINUTE_MS],
      ['sweep-open', 10 * MINUTE_MS],
    ] as const) {
      await eventually(`${id} is within its period`, async () => {
        const next = await nextOf(own, id);
        assert.ok(next !== undefined && next <= Date.now() + everyMs, `${next} at ${Date.now()}`);
      });
    }
  });

  it('an attempt that is delayed longer than any backoff is run at once', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    const queue = own.queueOf(STORE_ROOT);
    const payload = { accountId: newId('account'), sessionId: newId('session') };
    await queue.add('store-root', payload, { jobId: 'soon', delay: MINUTE_MS });
    await queue.add('store-root', payload, { jobId: 'far', delay: 10 * MINUTE_MS });
    await start(t, own);
    clock.guard();
    await eventually('the far one waits no longer', async () => {
      assert.deepEqual(idsOf(await queue.getWaiting()), ['far']);
    });
    assert.deepEqual(idsOf(await queue.getDelayed()), ['soon']);
  });

  it('the next run of a schedule keeps its time, however far ahead', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    await start(t, own);
    const queue = own.queueOf(CHECK_DRIFT);
    const nightly = [`repeat:check-drift:${NOON_MS + 15 * HOUR_MS}`];
    assert.deepEqual(idsOf(await queue.getDelayed()), nightly);
    const looked = t.mock.method(own.queues, 'listLate');
    clock.guard();
    await eventually('it has looked', () => looked.mock.callCount() === own.queues.all.length);
    await Promise.all(looked.mock.calls.map(({ result }) => result));
    assert.deepEqual(idsOf(await queue.getDelayed()), nightly);
  });

  it('a check of the schedules that fails is logged, and repeated', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    const { warnings } = await start(t, own);
    await own.queueOf(SWEEP).obliterate({ force: true });
    const away = t.mock.method(own.queueOf(SWEEP), 'getJobScheduler', () =>
      Promise.reject(new Error('away')),
    );
    clock.guard();
    await eventually('the failure is logged', () =>
      assert.deepEqual(warnings, ['schedules could not be checked']),
    );
    away.mock.restore();
    clock.guard();
    await eventually('the schedule is back', async () => (await nextOf(own, 'sweep-changed')) !== undefined);
  });

  it('schedules are not checked once they are stopped', async (t) => {
    const clock = stopClock(t);
    const own = openOwnQueues(t);
    const { stop } = await start(t, own);
    const asked = t.mock.method(own.queueOf(SWEEP), 'getJobScheduler');
    stop();
    clock.guard();
    await own.redis.ping();
    assert.equal(asked.mock.callCount(), 0);
  });
});
