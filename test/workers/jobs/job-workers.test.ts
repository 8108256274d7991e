import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { newId } from '../../../shared/audit/ids.ts';
import { AGGREGATE_SESSION, STORE_ROOT } from '../../../shared/queues/jobs.ts';
import type { Job, JobDeps } from '../../../workers/jobs/job.ts';
import { type JobWorkers, startJobWorkers } from '../../../workers/jobs/job-workers.ts';
import { eventually } from '../../support/eventually.ts';
import { type OwnQueues, openOwnQueues } from '../../support/queues.ts';
import { startOwnRedis, WITH_REDIS } from '../../support/redis.ts';

type Payload = Readonly<{ accountId: string; sessionId: string }>;
type Handle = Job<Payload>['handle'];

const PAYLOAD: Payload = { accountId: newId('account'), sessionId: newId('session') };
const never = new AbortController().signal;

/** Workers for STORE_ROOT with a handler of the test's own, and what they log. Closed by force with the test. */
function startWorkers(
  t: TestContext,
  { redis, mongodbDb }: OwnQueues,
  handle: Handle,
  job: Partial<Job<Payload>> = {},
): JobWorkers & { lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const workers = startJobWorkers({
    redis,
    mongodbDb,
    // Nothing else is asked of them: the handler is the test's.
    deps: { log: pino({ level: 'debug', base: null, timestamp: false }, sink) } as unknown as JobDeps,
    lockMs: 500,
    jobs: [{ definition: STORE_ROOT, concurrency: 1, handle, ...job } as unknown as Job<unknown>],
  });
  t.after(() => workers.close(AbortSignal.abort()));
  return { ...workers, lines };
}

/** A handler whose runs stay until the test ends them or their signal aborts, and the signals that they were given. */
function held() {
  const signals: AbortSignal[] = [];
  const ends: (() => void)[] = [];
  const handle: Handle = (_payload, _deps, signal) => {
    signals.push(signal);
    return new Promise((resolve, reject) => {
      ends.push(() => resolve('held'));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  const begun = (times: number) => eventually(`${times} have begun`, () => signals.length === times);
  const endAll = () => {
    for (const end of ends.splice(0)) end();
  };
  return { handle, signals, begun, endAll };
}

/** Fields of a job at which BullMQ throws once it is active. */
const UNREADABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'data that is no JSON': { data: '{not json' },
  'options that are no JSON': { opts: '{not json' },
  'options that are no object': { opts: 'null' },
  'progress that is no JSON': { progress: '{not json' },
  'a parent that is no JSON': { parent: '{not json', parentKey: 'x' },
  'a run of a schedule without its period': { rjk: 'sweep-changed' },
};

async function countsOf({ queues }: OwnQueues) {
  return (await queues.counts()).get('store-root');
}

describe('job workers', WITH_REDIS, () => {
  it('a worker hands a job its payload, and logs its id, attempt and result but not the payload', async (t) => {
    const own = openOwnQueues(t);
    const given: Payload[] = [];
    const { lines } = startWorkers(t, own, async (payload) => {
      given.push(payload);
      return 'a root';
    });
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await eventually('the job is logged', () => lines.length === 1);
    assert.deepEqual(given, [PAYLOAD]);
    const [{ duration_ms: durationMs, ...line } = {}] = lines;
    assert.deepEqual(line, {
      level: 20,
      job: 'store-root',
      job_id: STORE_ROOT.id(PAYLOAD),
      attempt: 1,
      result: 'a root',
      msg: 'job done',
    });
    assert.equal(typeof durationMs, 'number');
    await eventually('Redis keeps nothing of it', async () => {
      assert.equal(await own.queueOf(STORE_ROOT).getJob(STORE_ROOT.id(PAYLOAD)), undefined);
    });
  });

  it('a worker logs the result of a rare job at info', async (t) => {
    const own = openOwnQueues(t);
    const { lines } = startWorkers(t, own, async () => 'done', { isRare: true });
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await eventually('the job is logged', () => lines.length === 1);
    assert.equal(lines[0]?.level, 30);
  });

  it('a worker fails a job for good whose payload does not match its schema, and does not run it', async (t) => {
    const own = openOwnQueues(t);
    const queue = own.queueOf(STORE_ROOT);
    await queue.add('store-root', { ...PAYLOAD, note: '555-01-4477' }, { jobId: 'poison' });
    const { lines } = startWorkers(t, own, () => assert.fail('it was handled'));
    await eventually('the job has failed', async () => (await countsOf(own))?.failed === 1);
    const job = await queue.getJob('poison');
    assert.deepEqual([job?.attemptsMade, job?.failedReason], [1, 'The payload does not match its schema']);
    assert.deepEqual(lines, [
      {
        level: 50,
        job: 'store-root',
        job_id: 'poison',
        attempt: 1,
        msg: 'a job’s payload does not match its schema',
      },
    ]);
  });

  for (const [name, fields] of Object.entries(UNREADABLE)) {
    it(`a worker fails a job for good that cannot be read, and runs the next: ${name}`, async (t) => {
      const own = openOwnQueues(t);
      const queue = own.queueOf(STORE_ROOT);
      const given: Payload[] = [];
      await own.redis.hset(queue.toKey('first'), { name: '555-01-4477', data: '{}', opts: '{}', ...fields });
      await own.redis.hset(queue.toKey('third'), { name: '555-01-4477', data: '{}', opts: '{}', ...fields });
      await own.redis.lpush(queue.toKey('wait'), 'first');
      await own.queues.add(STORE_ROOT, PAYLOAD);
      // Handed out by the command that ends the job before it.
      await own.redis.lpush(queue.toKey('wait'), 'third');
      const { lines } = startWorkers(t, own, async (payload) => {
        given.push(payload);
        return 'done';
      });
      await eventually('all have run', async () => {
        const { failed, active, waiting } = (await countsOf(own))!;
        assert.deepEqual({ failed, active, waiting }, { failed: 2, active: 0, waiting: 0 });
      });
      assert.deepEqual(given, [PAYLOAD]);
      const refused = lines.filter(({ level }) => level === 50);
      assert.deepEqual(
        refused.map(({ job, job_id: id, msg }) => [job, id, msg]),
        ['first', 'third'].map((id) => ['store-root', id, 'a job’s payload does not match its schema']),
      );
      assert.doesNotMatch(JSON.stringify(lines), /555-01|not json/);
      assert.equal((await queue.getFailed()).length, 2);
    });
  }

  it('a failed job is tried again, and Redis keeps the name and code of the failure but no message', async (t) => {
    const own = openOwnQueues(t);
    const queue = own.queueOf(STORE_ROOT);
    const jobId = STORE_ROOT.id(PAYLOAD);
    let fails = true;
    const { lines } = startWorkers(t, own, async () => {
      if (fails) throw Object.assign(new Error('dup key: { name: "Maria Alvarez" }'), { code: 11000 });
      return 'done';
    });
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await eventually('the first attempt has failed', () => lines.some(({ msg }) => msg === 'job failed'));
    fails = false;
    await eventually('the second attempt waits', async () => (await countsOf(own))?.delayed === 1);
    const stored = await own.redis.hgetall(queue.toKey(jobId));
    assert.equal(stored.failedReason, 'Error 11000: the worker’s log says where');
    assert.equal(stored.stacktrace, '[]');
    assert.doesNotMatch(JSON.stringify(stored), /dup key|Maria/);
    await (await queue.getJob(jobId))?.promote();
    await eventually('the second attempt is logged', () => lines.some(({ msg }) => msg === 'job done'));
    assert.deepEqual(
      lines.map(({ msg, attempt }) => [msg, attempt]),
      [
        ['job failed', 1],
        ['job done', 2],
      ],
    );
  });

  it('a worker runs as many jobs of a kind at once as the job allows, and the others wait', async (t) => {
    const own = openOwnQueues(t);
    const jobs = held();
    startWorkers(t, own, jobs.handle, { concurrency: 2 });
    const payloads = Array.from({ length: 5 }, () => ({ ...PAYLOAD, sessionId: newId('session') }));
    await own.queues.addAll(STORE_ROOT, payloads);
    await jobs.begun(2);
    const { active, waiting } = (await countsOf(own))!;
    assert.deepEqual([active, waiting], [2, 3]);
    jobs.endAll();
    await jobs.begun(4);
    jobs.endAll();
    await jobs.begun(5);
    jobs.endAll();
    await eventually('all are done', async () => (await countsOf(own))?.active === 0);
  });

  it('a worker leaves jobs of other kinds alone', async (t) => {
    const own = openOwnQueues(t);
    const given: Payload[] = [];
    startWorkers(t, own, async (payload) => {
      given.push(payload);
      return 'done';
    });
    await own.queues.add(AGGREGATE_SESSION, PAYLOAD);
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await eventually('the one is handled', () => given.length === 1);
    assert.equal((await own.queues.counts()).get('aggregate-session')?.waiting, 1);
  });
});

/** Ways in which a Redis that answers refuses what a worker asks, and what ends them. */
const REFUSALS: Readonly<Record<string, Readonly<{ refuse: string[]; mend: string[] }>>> = {
  OOM: {
    refuse: ['CONFIG SET maxmemory 1'],
    mend: ['CONFIG SET maxmemory 0'],
  },
  NOREPLICAS: {
    refuse: ['CONFIG SET min-replicas-to-write 1'],
    mend: ['CONFIG SET min-replicas-to-write 0'],
  },
  READONLY: { refuse: ['REPLICAOF 127.0.0.1 1'], mend: ['REPLICAOF NO ONE'] },
};

describe('job workers on a Redis that refuses writes', WITH_REDIS, () => {
  for (const [word, { refuse, mend }] of Object.entries(REFUSALS)) {
    it(`workers log ${word} once with its message, ask rarely, and go on once it ends`, async (t) => {
      const redis = await startOwnRedis(t);
      if (redis === null) return;
      const own = openOwnQueues(t, redis.url);
      const say = async (commands: string[]) => {
        for (const command of commands) {
          const [name = '', ...args] = command.split(' ');
          await own.redis.call(name, ...args);
        }
      };
      let done = 0;
      let begin = () => {};
      const gate = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const { lines } = startWorkers(t, own, async () => {
        await gate;
        done += 1;
        return 'done';
      });
      const payloads = Array.from({ length: 20 }, () => ({ ...PAYLOAD, sessionId: newId('session') }));
      await own.queues.addAll(STORE_ROOT, payloads);
      await eventually('a job runs', async () => (await countsOf(own))?.active === 1);
      await say(refuse);
      begin();
      const troubles = () => lines.filter(({ dependency }) => dependency === 'redis');
      await eventually('the refusal is logged', () => troubles().some(({ kind }) => kind === word));
      await sleep(500);
      assert.ok(troubles().length <= 2, `${troubles().length} lines`);
      const line = troubles().find(({ kind }) => kind === word)!;
      assert.match(String(line.message), new RegExp(`^${word} `));
      assert.equal(line.count, 1);
      const asked = /errorstat_[A-Z]+:count=(\d+)/g;
      const refused = [...(await own.redis.info('errorstats')).matchAll(asked)].map(([, count]) =>
        Number(count),
      );
      assert.ok(
        refused.every((count) => count < 60),
        `refused ${refused} times`,
      );
      await say(mend);
      await eventually('the jobs are done', () => assert.equal(done, 20));
    });
  }
});

describe('job workers that are closed', WITH_REDIS, () => {
  it('closing workers lets a running job finish, and takes no other', async (t) => {
    const own = openOwnQueues(t);
    const jobs = held();
    const workers = startWorkers(t, own, jobs.handle);
    await own.queues.addAll(STORE_ROOT, [PAYLOAD, { ...PAYLOAD, sessionId: newId('session') }]);
    await jobs.begun(1);
    let isClosed = false;
    const closed = workers.close(never).then(() => {
      isClosed = true;
    });
    await own.redis.ping();
    assert.deepEqual([isClosed, jobs.signals[0]?.aborted], [false, false]);
    jobs.endAll();
    await closed;
    assert.equal(jobs.signals.length, 1);
    assert.deepEqual(await countsOf(own), { waiting: 1, active: 0, delayed: 0, failed: 0 });
  });

  it('closing workers aborts an interruptible job at once, which the next worker takes at once', async (t) => {
    const own = openOwnQueues(t);
    const jobs = held();
    const workers = startWorkers(t, own, jobs.handle, { isInterruptible: true });
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await jobs.begun(1);
    const closed = workers.close(never);
    assert.equal(jobs.signals[0]?.aborted, true);
    await closed;
    assert.deepEqual(await countsOf(own), { waiting: 1, active: 0, delayed: 0, failed: 0 });
    const { lines } = startWorkers(t, own, async () => 'done');
    await eventually('the job is done', () => lines.some(({ msg }) => msg === 'job done'));
    // Stops use up no attempt: however often workers stop, a job never fails for it.
    assert.equal(lines[0]?.attempt, 1);
  });

  it('closing workers aborts every job once time is up', async (t) => {
    const own = openOwnQueues(t);
    const jobs = held();
    const workers = startWorkers(t, own, jobs.handle);
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await jobs.begun(1);
    const force = new AbortController();
    const closed = workers.close(force.signal);
    assert.equal(jobs.signals[0]?.aborted, false);
    force.abort();
    await closed;
    assert.equal(jobs.signals[0]?.aborted, true);
    assert.deepEqual(await countsOf(own), { waiting: 1, active: 0, delayed: 0, failed: 0 });
  });

  it('closing workers by force leaves a job that does not end to the next worker, which runs it again', async (t) => {
    const own = openOwnQueues(t);
    let begun = 0;
    const workers = startWorkers(t, own, () => {
      begun += 1;
      return new Promise(() => {});
    });
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await eventually('the job has begun', () => begun === 1);
    await workers.close(AbortSignal.abort());
    assert.equal((await countsOf(own))?.active, 1);
    const given: Payload[] = [];
    startWorkers(t, own, async (payload) => {
      given.push(payload);
      return 'done';
    });
    await eventually('the job is done by the next worker', async () => {
      assert.deepEqual([given, (await countsOf(own))?.active], [[PAYLOAD], 0]);
    });
  });

  it('closing workers does not wait for a Redis that is away', { timeout: 60_000 }, async (t) => {
    const redis = await startOwnRedis(t);
    if (!redis) return;
    const own = openOwnQueues(t, redis.url);
    const jobs = held();
    const workers = startWorkers(t, own, jobs.handle);
    await own.queues.add(STORE_ROOT, PAYLOAD);
    await jobs.begun(1);
    await redis.stop();
    await eventually('the connection is gone', () => own.redis.status !== 'ready');
    await workers.close(never);
    assert.equal(jobs.signals[0]?.aborted, true);
    await redis.start();
    await eventually('Redis is back', () => own.redis.status === 'ready');
  });
});
