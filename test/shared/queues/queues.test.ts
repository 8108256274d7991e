import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Job, Worker } from 'bullmq';
import { newId } from '../../../shared/audit/ids.ts';
import { AGGREGATE_HOUR, AGGREGATE_SESSION, MAKE_REPORT, STORE_ROOT } from '../../../shared/queues/jobs.ts';
import { queuePrefix } from '../../../shared/queues/queue-prefix.ts';
import { type OwnQueues, openOwnQueues } from '../../support/queues.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const PAYLOAD = { accountId: newId('account'), sessionId: newId('session') };
const OTHER = { accountId: newId('account'), sessionId: newId('session') };
const JOB_ID = STORE_ROOT.id(PAYLOAD);
const TOKEN = 'token of the test';

/** Takes jobs one by one, of STORE_ROOT unless told otherwise, when the test asks for one. */
function takeByHand(
  t: TestContext,
  { redis, mongodbDb }: OwnQueues,
  { name }: Readonly<{ name: string }> = STORE_ROOT,
): () => Promise<Job> {
  const worker = new Worker(name, null, {
    connection: redis,
    prefix: queuePrefix(mongodbDb),
    autorun: false,
  });
  t.after(() => worker.close(true));
  return async () => {
    const job = await worker.getNextJob(TOKEN, { block: false });
    assert.ok(job, 'no job waits');
    return job;
  };
}

describe('queues', WITH_REDIS, () => {
  it('a job is added once while an equal one waits', async (t) => {
    const own = openOwnQueues(t);
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await own.queues.addAll(STORE_ROOT, [PAYLOAD, OTHER]);
    const waiting = await own.queueOf(STORE_ROOT).getWaiting();
    assert.deepEqual(
      waiting.map(({ id, name, data }) => ({ id, name, data })),
      [PAYLOAD, OTHER].map((data) => ({ id: STORE_ROOT.id(data), name: 'store-root', data })),
    );
  });

  it('no job is added while an equal one runs, and one is added again once that one is done', async (t) => {
    const own = openOwnQueues(t);
    const take = takeByHand(t, own);
    await own.queues.add(STORE_ROOT, PAYLOAD);
    const running = await take();
    await own.queues.add(STORE_ROOT, PAYLOAD);
    assert.equal((await own.queues.counts()).get('store-root')?.waiting, 0);
    await running.moveToCompleted('done', TOKEN, false);
    await own.queues.add(STORE_ROOT, PAYLOAD);
    assert.equal((await own.queues.counts()).get('store-root')?.waiting, 1);
  });

  it('a job is tried five times, with backoffs of at most 1, 2, 4 and 8 seconds and at least half of that', async (t) => {
    const own = openOwnQueues(t);
    const take = takeByHand(t, own);
    const failures: string[] = [];
    await own.queues.add(STORE_ROOT, PAYLOAD);
    for (const longestMs of [1_000, 2_000, 4_000, 8_000]) {
      const job = await take();
      await job.moveToFailed(new Error(`failure ${failures.length}`), TOKEN);
      const stored = await own.queueOf(STORE_ROOT).getJob(JOB_ID);
      assert.ok(stored);
      assert.equal(await stored.isDelayed(), true);
      assert.ok(stored.delay >= longestMs / 2 && stored.delay <= longestMs, `${stored.delay} ms`);
      failures.push(stored.failedReason);
      // In place of the pause.
      await stored.promote();
    }
    assert.deepEqual(failures, ['failure 0', 'failure 1', 'failure 2', 'failure 3']);
    await (await take()).moveToFailed(new Error('the last failure'), TOKEN);
    const job = await own.queueOf(STORE_ROOT).getJob(JOB_ID);
    assert.equal(await job?.isFailed(), true);
    assert.deepEqual([job?.attemptsMade, job?.failedReason], [5, 'the last failure']);
  });

  it('a job that failed for good is added again with all its attempts, and other failures are kept', async (t) => {
    const own = openOwnQueues(t);
    const queue = own.queueOf(STORE_ROOT);
    const take = takeByHand(t, own);
    // As the policy has it, but for the one attempt.
    for (const jobId of [JOB_ID, 'another']) {
      await queue.add('store-root', PAYLOAD, { jobId, attempts: 1 });
      await (await take()).moveToFailed(new Error('failed'), TOKEN);
    }
    assert.equal((await own.queues.counts()).get('store-root')?.failed, 2);
    await own.queues.addAll(STORE_ROOT, [OTHER, PAYLOAD]);
    assert.deepEqual((await own.queues.counts()).get('store-root'), {
      waiting: 2,
      active: 0,
      delayed: 0,
      failed: 1,
    });
    const job = await queue.getJob(JOB_ID);
    assert.deepEqual([job?.attemptsMade, job?.opts.attempts], [0, 5]);
  });

  it('a job that is in no state of its queue keeps none from being added by a sweep', async (t) => {
    const own = openOwnQueues(t);
    const queue = own.queueOf(STORE_ROOT);
    const orphan = queue.toKey(JOB_ID);
    await own.redis.hset(orphan, 'name', 'x');
    await own.queues.add(STORE_ROOT, PAYLOAD);
    assert.deepEqual(await queue.getWaiting(), []);
    await own.queues.addAll(STORE_ROOT, [PAYLOAD, OTHER]);
    const ids = (await queue.getWaiting()).map(({ id }) => id);
    assert.deepEqual(ids, [PAYLOAD, OTHER].map(STORE_ROOT.id));
    assert.deepEqual((await queue.getJob(JOB_ID))?.data, PAYLOAD);
  });

  it('no job in a state is forgotten as an orphan', async (t) => {
    const own = openOwnQueues(t);
    const queue = own.queueOf(STORE_ROOT);
    const take = takeByHand(t, own);
    const add = (state: string, options: object = {}) =>
      queue.add('store-root', PAYLOAD, { jobId: `a-${state}-job`, ...options });
    await add('failed', { attempts: 1 });
    await (await take()).moveToFailed(new Error('failed'), TOKEN);
    await add('active');
    await take();
    await add('waiting');
    await add('delayed', { delay: 60_000 });
    await add('prioritized', { priority: 3 });
    const states = ['failed', 'active', 'waiting', 'delayed', 'prioritized'];
    const stateOf = (state: string) => queue.getJobState(`a-${state}-job`);
    await own.queues.forgetOrphans(
      'store-root',
      [...states, 'absent'].map((state) => `a-${state}-job`),
    );
    assert.deepEqual(await Promise.all(states.map(stateOf)), states);
    await queue.pause();
    await own.queues.forgetOrphans('store-root', ['a-waiting-job']);
    assert.equal(await stateOf('waiting'), 'waiting');
  });

  it('a report of an account with none waiting goes before the later ones of an account with many', async (t) => {
    const own = openOwnQueues(t);
    const [busy, calm] = [newId('account'), newId('account')];
    const order = async (accountId: string) => {
      const payload = { accountId, reportId: newId('report') };
      await own.queues.add(MAKE_REPORT, payload);
      return payload;
    };
    const [b1, b2, b3] = [await order(busy), await order(busy), await order(busy)];
    const [c1, c2] = [await order(calm), await order(calm)];
    const take = takeByHand(t, own, MAKE_REPORT);
    const takeThree = async () => [(await take()).data, (await take()).data, (await take()).data];
    assert.deepEqual(await takeThree(), [b1, c1, b2]);
    // Those that come later do not overtake for ever what waits.
    const [l1, l2, l3] = [newId('account'), newId('account'), newId('account')];
    const late = [await order(l1), await order(l2), await order(l3)];
    assert.deepEqual(await takeThree(), [c2, b3, late[0]]);
    assert.equal((await own.queues.counts()).get('make-report')?.waiting, 2);
  });

  it('reports that are queued again together wait in turns as well', async (t) => {
    const own = openOwnQueues(t);
    const [busy, calm] = [newId('account'), newId('account')];
    const payloads = [busy, busy, busy, calm].map((accountId) => ({ accountId, reportId: newId('report') }));
    await own.queues.addAll(MAKE_REPORT, payloads);
    const take = takeByHand(t, own, MAKE_REPORT);
    const taken = [(await take()).data, (await take()).data, (await take()).data, (await take()).data];
    assert.deepEqual(taken, [payloads[0], payloads[3], payloads[1], payloads[2]]);
  });

  it("a job is delayed by its definition's debounce", async (t) => {
    const own = openOwnQueues(t);
    await own.queues.add(AGGREGATE_HOUR, {
      accountId: PAYLOAD.accountId,
      agentId: newId('agent'),
      hourMs: 0,
    });
    const [job] = await own.queueOf(AGGREGATE_HOUR).getDelayed();
    assert.equal(job?.delay, AGGREGATE_HOUR.delayMs);
  });

  it('jobs of every queue are counted by state', async (t) => {
    const own = openOwnQueues(t);
    const take = takeByHand(t, own);
    await own.queues.addAll(STORE_ROOT, [PAYLOAD, OTHER]);
    await own.queues.add(AGGREGATE_SESSION, PAYLOAD);
    await take();
    const counts = await own.queues.counts();
    assert.deepEqual(
      [...counts.keys()],
      [
        'aggregate-session',
        'store-root',
        'aggregate-hour',
        'make-report',
        'extend-account-log',
        'deliver-webhook',
        'sweep-webhooks',
        'sweep',
        'check-drift',
        'verify-logs',
      ],
    );
    const none = { waiting: 0, active: 0, delayed: 0, failed: 0 };
    assert.deepEqual(counts.get('store-root'), { ...none, waiting: 1, active: 1 });
    assert.deepEqual(counts.get('aggregate-session'), { ...none, waiting: 1 });
    assert.deepEqual(counts.get('sweep'), none);
    assert.deepEqual((await own.queues.totals()).get('store-root'), { completed: 0, failed: 0 });
  });

  it('queues of two deployments that share a Redis are kept apart', async (t) => {
    const [one, other] = [openOwnQueues(t), openOwnQueues(t)];
    await one.queues.add(STORE_ROOT, PAYLOAD);
    assert.equal((await one.queues.counts()).get('store-root')?.waiting, 1);
    assert.equal((await other.queues.counts()).get('store-root')?.waiting, 0);
  });
});
