import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { healthResponse } from '../../../api/routes/health/schema.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { createDeployment, findForeignClaim } from '../../../shared/queues/deployment.ts';
import { STORE_ROOT } from '../../../shared/queues/jobs.ts';
import { queuePrefix } from '../../../shared/queues/queue-prefix.ts';
import { keepClaim } from '../../../workers/jobs/keep-claim.ts';
import { createLogWorld, type LogWorld } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { type OwnQueues, openOwnQueues } from '../../support/queues.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { startApp } from '../../support/start-app.ts';
import { startTestPipeline } from '../../support/start-pipeline.ts';

const FOREIGN =
  /belong to another deployment: give this one another Redis, .* or another MONGODB_DB; .* delete the key /;

/** Claims the queues of the test for a database, and gives what is logged. */
async function claim(
  t: TestContext,
  { redis, mongodbDb }: OwnQueues,
  { db }: Pick<LogWorld, 'db'>,
  guardMs = 50,
) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  const kept = await keepClaim({ redis, mongodbDb, db, log, guardMs });
  t.after(() => kept.stop());
  return lines;
}

const keyOf = ({ mongodbDb }: OwnQueues) => `${queuePrefix(mongodbDb)}:deployment`;

describe('a claim of queues', WITH_REDIS, () => {
  it('the id of a deployment is made once, whoever asks first', async (t) => {
    const { db } = await createLogWorld(t);
    const deployment = createDeployment(db);
    assert.equal(await deployment.find(), null);
    const ids = await Promise.all(Array.from({ length: 8 }, () => createDeployment(db).ensure()));
    assert.match(ids[0]!, /^[0-9a-f]{32}$/);
    assert.deepEqual(new Set([...ids, await deployment.find()]).size, 1);
  });

  for (const id of [5, 'x', ['0'.repeat(32)], null]) {
    it(`an id that is ${JSON.stringify(id)} is made anew`, async (t) => {
      const { db } = await createLogWorld(t);
      await db.collection('deployment').insertOne({ _id: 'deployment' as never, id });
      assert.match(await createDeployment(db).ensure(), /^[0-9a-f]{32}$/);
    });
  }

  it('workers of one deployment claim its queues as often as they start', async (t) => {
    const own = openOwnQueues(t);
    const world = await createLogWorld(t);
    const lines = [await claim(t, own, world), await claim(t, own, world)];
    assert.equal(await own.redis.get(keyOf(own)), await createDeployment(world.db).find());
    assert.deepEqual(lines, [[], []]);
  });

  it('workers of another deployment whose database has the same name do not start', async (t) => {
    const own = openOwnQueues(t);
    const [first, second] = [await createLogWorld(t), await createLogWorld(t)];
    // Looks once, at its start.
    await claim(t, own, first, 3_600_000);
    const taken = { ...second.database, name: own.mongodbDb };
    const started = startTestPipeline(t, { database: taken, db: second.db }, testRedisUrl());
    await assert.rejects(
      started,
      ({ message }: Error) => FOREIGN.test(message) && message.includes(keyOf(own)),
    );
    await own.redis.del(keyOf(own));
    await claim(t, own, second);
  });

  it('a claim is made again in a Redis that lost its data, and one of another is logged', async (t) => {
    const own = openOwnQueues(t);
    const [first, second] = [await createLogWorld(t), await createLogWorld(t)];
    const lines = await claim(t, own, first);
    await own.redis.del(keyOf(own));
    const id = await createDeployment(first.db).ensure();
    await eventually('the claim is back', async () => assert.equal(await own.redis.get(keyOf(own)), id));
    await own.redis.set(keyOf(own), await createDeployment(second.db).ensure());
    await eventually('it is logged', () => assert.match(String(lines[0]?.fault), FOREIGN));
    assert.deepEqual(
      [lines[0]?.level, lines[0]?.msg],
      [50, 'another deployment has taken the queues: no job is taken'],
    );
    assert.equal(await findForeignClaim(own.redis, own.mongodbDb, id), lines[0]?.fault);
  });

  it('health is degraded where another deployment has the queues', async (t) => {
    const app = await startApp(t, { REDIS_URL: testRedisUrl() });
    const own = openOwnQueues(t);
    const key = `${queuePrefix(app.database.name)}:deployment`;
    const queue = async () => healthResponse.parse(await (await app.get('/health')).json()).components.queue;
    await own.redis.set(key, 'another');
    assert.equal(await queue(), 'ok', 'no workers of this database have run');
    const id = await createDeployment(app.database.db).ensure();
    assert.match(await queue(), /^degraded: the queues .* belong to another deployment: /);
    await own.redis.set(key, id);
    assert.equal(await queue(), 'ok');
    await own.redis.del(key);
  });

  it('workers take no job while another deployment has the queues, and go on once it has not', async (t) => {
    const own = openOwnQueues(t);
    const world = await createLogWorld(t);
    const taken = { database: { ...world.database, name: own.mongodbDb }, db: world.db };
    const pipeline = await startTestPipeline(t, taken, testRedisUrl(), { schedules: { guardMs: 50 } });
    assert.equal(pipeline.isWorking(), true);
    const completed = async () => (await own.queues.totals()).get('store-root')?.completed;
    const add = () =>
      own.queues.add(STORE_ROOT, { accountId: newId('account'), sessionId: newId('session') });
    await add();
    await eventually('a job is done', async () => assert.equal(await completed(), 1));
    await own.redis.set(keyOf(own), 'another');
    await eventually('they pause', () => assert.equal(pipeline.isWorking(), false));
    for (let i = 0; i < 5; i += 1) {
      await add();
      await sleep(100);
    }
    const { waiting, active } = (await own.queues.counts()).get('store-root')!;
    assert.deepEqual([await completed(), waiting, active], [1, 5, 0]);
    await own.redis.del(keyOf(own));
    await eventually('they go on', async () => assert.equal(await completed(), 6));
    assert.equal(pipeline.isWorking(), true);
  });
});
