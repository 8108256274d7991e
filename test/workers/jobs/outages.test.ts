// Servers that go away and come back under a running pipeline, and a clock that is put back.
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRedis } from '../../../shared/queues/redis.ts';
import { createLogWorld, createWriter, type LogWorld } from '../../support/audit-world.ts';
import { assertDerived, untilSettled, writeEnded } from '../../support/pipeline-world.ts';
import { startOwnRedis, WITH_REDIS } from '../../support/redis.ts';
import { startRestartableMongo } from '../../support/restartable-mongo.ts';
import { runWorker } from '../../support/run-worker.ts';

const SWEEP_MS = 1_000;
const HOUR_MS = 3_600_000;

async function endSessions(world: LogWorld, count = 5): Promise<void> {
  for (let i = 0; i < count; i += 1) await writeEnded(world, 10 + i * 70);
}

async function createWorld(t: TestContext) {
  const redis = await startOwnRedis(t);
  return redis && { ...(await createLogWorld(t)), redis };
}

describe('the pipeline', WITH_REDIS, () => {
  it('catches up after Redis was stopped and started', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await endSessions(world);
    await untilSettled(world);
    await world.redis.stop();
    await endSessions(world);
    await sleep(2 * SWEEP_MS);
    await world.redis.start();
    await untilSettled(world, 60_000);
    await assertDerived(world);
  });

  it('catches up after Redis lost all it held', async (t) => {
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

  it('waits for a Redis that is not there yet', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    await world.redis.stop();
    await endSessions(world);
    runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await sleep(2_000);
    await world.redis.start();
    await untilSettled(world);
    await assertDerived(world);
  });

  it('stops in time while Redis is away', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    const worker = runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS });
    await endSessions(world, 1);
    await untilSettled(world);
    await world.redis.stop();
    await worker.stop();
  });

  it('goes on after MongoDB was restarted in the middle of its work', async (t) => {
    const redis = await startOwnRedis(t);
    if (!redis) return;
    const mongo = await startRestartableMongo(t);
    const world = { ...createWriter(mongo.db), database: mongo.database, db: mongo.db };
    await endSessions(world, 20);
    runWorker(t, world, redis.url, { sweepEveryMs: SWEEP_MS });
    await sleep(1_200);
    await mongo.restart();
    await endSessions(world);
    await untilSettled(world, 60_000);
    await assertDerived(world);
  });

  it('keeps sweeping when its clock is put back by an hour', async (t) => {
    const world = await createWorld(t);
    if (!world) return;
    await endSessions(world, 1);
    runWorker(t, world, world.redis.url, { sweepEveryMs: SWEEP_MS, clockBackMs: HOUR_MS });
    await untilSettled(world);
    await sleep(2 * SWEEP_MS);
    await endSessions(world);
    await untilSettled(world);
    await assertDerived(world);
  });
});
