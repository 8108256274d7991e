// Servers that go away and come back under a running pipeline, and a clock that is put back.

import { describe, it, type TestContext } from 'node:test';
import { openRedis } from '../../../shared/queues/redis.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { createLogWorld, createWriter, type LogWorld } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { assertDerived, rowsOf, untilSettled, writeEnded } from '../../support/pipeline-world.ts';
import { startOwnRedis, WITH_REDIS } from '../../support/redis.ts';
import { startRestartableMongo } from '../../support/restartable-mongo.ts';
import { runWorker, type WorkerProcess } from '../../support/run-worker.ts';

const SWEEP_MS = 1_000;

/** Each of the five workers says on both of its connections that an attempt failed: so it has tried several times. */
function untilTriedInVain(worker: WorkerProcess): Promise<void> {
  return eventually('the worker has tried in vain', () => worker.countLines(/"queue trouble"/) >= 60);
}

async function endSessions(world: LogWorld, count = 5): Promise<void> {
  for (let i = 0; i < count; i += 1) await writeEnded(world, 10 + i * 70);
}

async function createWorld(t: TestContext) {
  const redis = await startOwnRedis(t);
  return redis && { ...(await createLogWorld(t)), redis };
}

describe('the pipeline', WITH_REDIS, () => {
  it('the pipeline catches up after Redis was stopped and started', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    const worker = runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await endSessions(world);
    await untilSettled(world);
    await world.redis.stop();
    await endSessions(world);
    await untilTriedInVain(worker);
    await world.redis.start();
    await untilSettled(world);
    await assertDerived(world);
  });

  it('the pipeline catches up after Redis lost its data', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    const worker = runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await endSessions(world);
    await untilSettled(world);
    const redis = openRedis(world.redis.url, 'worker');
    await redis.flushall();
    redis.disconnect();
    await endSessions(world);
    await untilSettled(world);
    await assertDerived(world);
    await worker.stop();
  });

  it('the pipeline waits for a Redis that is started later', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    await world.redis.stop();
    await endSessions(world);
    const worker = runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await eventually('the worker has tried in vain', () => worker.countLines(/Redis does not answer/) > 0);
    await world.redis.start();
    await untilSettled(world);
    await assertDerived(world);
  });

  it('the pipeline stops while Redis is away', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    const worker = runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await endSessions(world, 1);
    await untilSettled(world);
    await world.redis.stop();
    await worker.stop();
  });

  it('the pipeline continues after MongoDB was restarted in the middle of its work', async (t) => {
    const redis = await startOwnRedis(t);
    if (!redis) return;
    const mongo = await startRestartableMongo(t);
    const world = { ...createWriter(mongo.db), database: mongo.database, db: mongo.db };
    await endSessions(world, 20);
    runWorker(t, world, redis.url, { sweepEveryMs: SWEEP_MS });
    const done = () => rowsOf(world).countDocuments({ stage: 'done' });
    await eventually('the first session is done', async () => (await done()) > 0, { everyMs: 1 });
    await mongo.restart();
    await endSessions(world);
    await untilSettled(world);
    await assertDerived(world);
  });

  it('the pipeline keeps sweeping when its clock is put back by an hour', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    await endSessions(world, 1);
    const clock = { sweepEveryMs: SWEEP_MS, clockBackMs: HOUR_MS };
    const worker = runWorker(t, world, world.redis.url, clock);
    await untilSettled(world);
    const sweeps = () => worker.countLines(/"job":"sweep".*"job done"/);
    const before = sweeps();
    await eventually('it has swept twice more', () => sweeps() >= before + 2);
    await endSessions(world);
    await untilSettled(world);
    await assertDerived(world);
  });
});
