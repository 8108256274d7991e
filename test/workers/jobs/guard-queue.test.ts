import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { newId } from '../../../shared/audit/ids.ts';
import { AGGREGATE_SESSION, STORE_ROOT, SWEEP, VERIFY_LOGS } from '../../../shared/queues/jobs.ts';
import { guardQueue } from '../../../workers/jobs/guard-queue.ts';
import { startSchedules } from '../../../workers/jobs/schedules.ts';
import { openOwnQueues } from '../../support/queues.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const PAYLOAD = { accountId: newId('account'), sessionId: newId('session') };
const YEAR_3000_MS = Date.parse('3000-01-01');
const DAY_MS = 24 * 3_600_000;

function open(t: TestContext) {
  const own = openOwnQueues(t);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  return {
    ...own,
    lines,
    log,
    guard: (definition: { name: string }) =>
      guardQueue({ queues: own.queues, queue: own.queueOf(definition), schedules: [], log }),
  };
}

describe('the guard of a queue', WITH_REDIS, () => {
  it('sets the limits of all workers together back', async (t) => {
    const { queues, queueOf, log, guard } = open(t);
    const stopped = [queueOf(VERIFY_LOGS), queueOf(STORE_ROOT)] as const;
    for (const queue of stopped) {
      await queue.setGlobalConcurrency(0);
      await queue.setGlobalRateLimit(1, YEAR_3000_MS);
    }
    await guard(STORE_ROOT);
    (await startSchedules(queues, { log, guardMs: DAY_MS })).stop();
    for (const queue of stopped) assert.equal(await queue.getGlobalRateLimit(), null);
    assert.deepEqual(await Promise.all(stopped.map((queue) => queue.getGlobalConcurrency())), [1, null]);
  });

  it('leaves a paused queue to whoever paused it', async (t) => {
    const { queueOf, guard } = open(t);
    await queueOf(STORE_ROOT).pause();
    await guard(STORE_ROOT);
    assert.equal(await queueOf(STORE_ROOT).isPaused(), true);
  });

  it('runs a job that somebody moved to the year 3000, whatever its hash says', async (t) => {
    const { redis, queueOf, guard } = open(t);
    const queue = queueOf(STORE_ROOT);
    await queue.add('store-root', PAYLOAD, { jobId: 'soon', delay: 60_000 });
    await queue.add('store-root', PAYLOAD, { jobId: 'moved', delay: 1_000 });
    await redis.zadd(queue.toKey('delayed'), YEAR_3000_MS * 0x1000, 'moved');
    await redis.hset(queue.toKey('moved'), 'rjk', 'somebody');
    await guard(STORE_ROOT);
    assert.deepEqual(
      (await queue.getWaiting()).map(({ id }) => id),
      ['moved'],
    );
    assert.deepEqual(
      (await queue.getDelayed()).map(({ id }) => id),
      ['soon'],
    );
  });

  it('logs what it removed', async (t) => {
    const { redis, queueOf, lines, guard } = open(t);
    const queue = queueOf(STORE_ROOT);
    await guard(STORE_ROOT);
    assert.deepEqual(lines, []);
    await redis.zadd(queue.toKey('delayed'), YEAR_3000_MS * 0x1000, 'a ghost');
    await redis.set(queue.toKey('stalled-check'), '1');
    await guard(STORE_ROOT);
    assert.deepEqual(
      lines.map(({ queue: name, ids, keys }) => ({ name, ids, keys })),
      [{ name: 'store-root', ids: 1, keys: [queue.toKey('stalled-check')] }],
    );
  });

  it('puts every other queue right where one cannot be', async (t) => {
    const { queues, queueOf, log } = open(t);
    t.mock.method(queueOf(AGGREGATE_SESSION), 'removeGlobalRateLimit', () => Promise.reject(new Error('no')));
    await assert.rejects(startSchedules(queues, { log, guardMs: DAY_MS }), /^Error: no$/);
    assert.ok(await queueOf(SWEEP).getJobScheduler('sweep-changed'));
    assert.ok(await queueOf(VERIFY_LOGS).getJobScheduler('verify-logs'));
  });
});
