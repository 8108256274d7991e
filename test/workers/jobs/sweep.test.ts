import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { AGGREGATE_SESSION, STORE_ROOT } from '../../../shared/queues/jobs.ts';
import type { JobDeps } from '../../../workers/jobs/job.ts';
import { sweepJob } from '../../../workers/jobs/sweep.ts';
import { openOwnQueues } from '../../support/queues.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const YEAR_3000_MS = Date.parse('3000-01-01');
const DUE = { accountId: newId('account'), sessionId: newId('session') };

function open(t: TestContext) {
  const own = openOwnQueues(t);
  const deps = {
    queues: own.queues,
    counters: { add: async () => {} },
    fleet: { listOpen: async (afterId: string | null) => (afterId === null ? [DUE] : []) },
  } as unknown as JobDeps;
  return { ...own, sweep: () => sweepJob.handle({ of: 'open' }, deps, new AbortController().signal) };
}

describe('a sweep', WITH_REDIS, () => {
  it('has room beside jobs that are due in the year 3000', async (t) => {
    const { redis, queueOf, sweep } = open(t);
    const ghosts = Array.from({ length: 800 }, (_, i) => [YEAR_3000_MS * 0x1000, `ghost ${i}`]);
    await redis.zadd(queueOf(STORE_ROOT).toKey('delayed'), ...ghosts.flat());
    assert.equal(await sweep(), '1 sessions');
    assert.equal((await queueOf(AGGREGATE_SESSION).getWaiting())[0]?.id, AGGREGATE_SESSION.id(DUE));
  });

  it('ends where there is no room for a minute, so that the other sweeps run', async (t) => {
    const { queueOf, sweep } = open(t);
    const jobs = Array.from({ length: 800 }, (_, i) => ({
      name: 'store-root',
      data: {},
      opts: { jobId: `job-${i}` },
    }));
    await queueOf(STORE_ROOT).addBulk(jobs);
    let nowMs = 0;
    t.mock.method(performance, 'now', () => {
      nowMs += 20_000;
      return nowMs;
    });
    assert.equal(await sweep(), '0 sessions');
    assert.ok(nowMs >= 60_000, `${nowMs}`);
    assert.deepEqual(await queueOf(AGGREGATE_SESSION).getWaiting(), []);
  });
});
