import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReleaseStack } from '../../../shared/process/release.ts';
import { watchWorkers } from '../../../workers/watch/watch-workers.ts';
import { eventually } from '../../support/eventually.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';

describe('probes of workers', WITH_REDIS, () => {
  it('workers are ready only while they take jobs', async (t) => {
    const { db } = await openTestDatabase(t);
    const acquired = new ReleaseStack();
    t.after(() => acquired.release(5_000));
    const never = new AbortController().signal;
    const place = { workersPort: 0, host: '127.0.0.1' };
    const watch = await watchWorkers(place, testRedisUrl(), acquired, never);
    const status = async () => (await fetch(`${watch.url}/health/ready`)).status;
    watch.connected(db);
    assert.equal(await status(), 503);
    let isWorking = true;
    watch.working({ isWorking: () => isWorking });
    // Redis is connected to meanwhile.
    await eventually('the workers are ready', async () => assert.equal(await status(), 200));
    isWorking = false;
    assert.equal(await status(), 503);
  });
});
