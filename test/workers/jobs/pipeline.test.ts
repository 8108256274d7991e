import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { createCounters } from '../../../shared/queues/counters.ts';
import { AGGREGATE_HOUR, AGGREGATE_SESSION, STORE_ROOT, SWEEP } from '../../../shared/queues/jobs.ts';
import type { Queues } from '../../../shared/queues/queues.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, draftEvent, type LogWorld, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import {
  alterEntry,
  assertDerived,
  readNaively,
  rowsOf,
  untilSettled,
  writeEnded,
} from '../../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { readTexts, replaceTexts } from '../../support/segments.ts';
import { openTestQueues, startTestPipeline } from '../../support/start-pipeline.ts';
import { withoutKey } from '../../support/unverifiable-mark.ts';

type World = LogWorld & Readonly<{ queues: Queues; redisUrl: string }>;

async function createWorld(t: TestContext): Promise<World> {
  const world = await createLogWorld(t);
  const redisUrl = testRedisUrl();
  return { ...world, redisUrl, queues: openTestQueues(t, world, redisUrl) };
}

const start = (t: TestContext, world: World, options: Parameters<typeof startTestPipeline>[3] = {}) =>
  startTestPipeline(t, world, world.redisUrl, options);

async function readCounters(t: TestContext, world: World) {
  const redis = openRedis(world.redisUrl, 'worker');
  t.after(async () => redis.disconnect());
  return createCounters(redis, world.database.name).read();
}

async function untilIdle({ queues }: World): Promise<void> {
  let quiet = 0;
  await eventually(
    'no job has waited or run for three looks',
    async () => {
      const counts = [...(await queues.counts()).values()];
      quiet = counts.every(({ waiting, active }) => waiting + active === 0) ? quiet + 1 : 0;
      return quiet === 3;
    },
    { everyMs: 50 },
  );
}

function untilRooted(world: World, { id }: Session): Promise<void> {
  const unrooted = { _id: id, merkle_root_hex: null };
  return eventually(
    'the session has a root',
    async () => (await rowsOf(world).countDocuments(unrooted)) === 0,
  );
}

describe('the pipeline', WITH_REDIS, () => {
  it('the pipeline brings counts, roots and hours up to logs of every kind', async (t) => {
    const world = await createWorld(t);
    const accountId = newId('account');
    for (const size of [0, 1, 255, 256, 257, 700]) {
      await writeSession(world, size, { accountId });
      await writeEnded(world, size, accountId);
      await writeSession(world, size, { accountId, seal: false });
    }
    await start(t, world);
    await untilSettled(world);
    await assertDerived(world);
    assert.equal((await readCounters(t, world)).roots_stored, 6);
  });

  it('the pipeline counts events that are appended while it runs', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 100, { seal: false });
    await start(t, world);
    await untilSettled(world);
    await appendEvents(
      world,
      session.accountId,
      session.id,
      Array.from({ length: 300 }, (_, i) => draftEvent(i)),
    );
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.stage, undefined);
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilSettled(world);
    await assertDerived(world);
  });

  it('the pipeline counts the events of a writer that died before it raised the row', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 40, { seal: false });
    const dying = {
      ...world,
      sessions: { ...world.sessions, raiseLog: () => Promise.reject(new Error('killed')) },
    };
    const events = Array.from({ length: 500 }, (_, i) => draftEvent(i));
    await assert.rejects(appendEvents(dying, session.accountId, session.id, events), /killed/);
    await rowsOf(world).updateOne({ _id: session.id }, { $set: { stage: 'done' } });
    await start(t, world);
    await untilIdle(world);
    await world.queues.add(SWEEP, { of: 'open' });
    await untilIdle(world);
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.log.size, 540);
    await assertDerived(world);
  });

  it('the pipeline seals a log whose writer died between closing and sealing it, and no other', async (t) => {
    const world = await createWorld(t);
    const [dead, open, cut] = await Promise.all(
      [1, 2, 3].map(() => writeSession(world, 300, { seal: false })),
    );
    const recordClose = () => Promise.reject(new Error('killed'));
    const dying = { ...world, sessions: { ...world.sessions, recordClose } };
    const end = { endedAt: new Date(), status: 'ok' } as const;
    for (const { accountId, id } of [dead!, cut!]) {
      await assert.rejects(closeLog(dying, accountId, id, end), { message: 'killed' });
    }
    await replaceTexts(world.db, cut!, (await readTexts(world.db, cut!)).slice(0, 280));
    await start(t, world);
    await world.queues.add(SWEEP, { of: 'open' });
    await untilRooted(world, dead!);
    await untilIdle(world);
    const states = await Promise.all(
      [dead!, open!, cut!].map(async ({ accountId, id }) => {
        const { log, endedAt } = (await world.sessions.find(accountId, id)) as Session;
        return [log.seal !== null, endedAt !== null];
      }),
    );
    assert.deepEqual(states, [
      [true, true],
      [false, false],
      [false, false],
    ]);
  });

  it('the pipeline marks and counts a failed log once, stores no root for it, and does not check it again', async (t) => {
    const world = await createWorld(t);
    const [sealed, ended, open] = [
      await writeSession(world, 300),
      await writeEnded(world, 300),
      await writeSession(world, 300, { seal: false }),
    ];
    await alterEntry(world, ended, 290);
    // Its counts do not reach as far as its log, so that it is read at all.
    const behind = { 'aggregate.through_seq': 9, 'log.size': 10 };
    await rowsOf(world).updateOne({ _id: open.id }, { $set: behind });
    await alterEntry(world, open, 280);
    await start(t, world);
    await untilSettled(world);
    for (const { id } of [ended, open]) {
      const row = await rowsOf(world).findOne({ _id: id });
      assert.equal(row?.log_failed?.fault, 'altered');
      assert.equal(row?.merkle_root_hex, null);
    }
    assert.equal((await rowsOf(world).findOne({ _id: sealed.id }))?.log_failed, undefined);
    const counters = await readCounters(t, world);
    assert.equal(counters.logs_found_failed, 2);
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilIdle(world);
    assert.deepEqual(await readCounters(t, world), counters);
    const failed = [...(await world.queues.counts()).values()].map((counts) => counts.failed);
    assert.deepEqual(new Set(failed), new Set([0]));
  });

  it('the pipeline stores no root of a log whose key is missing, until the key is configured', async (t) => {
    const world = await createWorld(t);
    const session = await writeEnded(world, 20);
    const without = await start(t, world, { keys: [{ id: 'k_other', bytes: new Uint8Array(32).fill(1) }] });
    await untilSettled(world);
    const row = await rowsOf(world).findOne({ _id: session.id });
    assert.deepEqual(
      [row?.log_unverifiable, row?.merkle_root_hex, row?.log_failed],
      [withoutKey('k_test').log_unverifiable, null, undefined],
    );
    await without.stop();
    await start(t, world);
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilRooted(world, session);
    await untilSettled(world);
    await assertDerived(world);
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.log_unverifiable, undefined);
  });

  it('the pipeline stores the root of a failed log that was repaired, once its mark is cleared', async (t) => {
    const world = await createWorld(t);
    const session = await writeEnded(world, 40);
    await alterEntry(world, session, 5);
    await start(t, world);
    await untilSettled(world);
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.log_failed?.fault, 'altered');
    await alterEntry(world, session, 5, ['MSKV9', 'MSKV1']);
    const found = await world.sessions.findSnapshot(session.accountId, session.id);
    assert.ok(await world.sessions.clearMarks(session.accountId, session.id, found!.marks));
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilSettled(world);
    await assertDerived(world);
  });

  it('a root is stored with the counts of its own walk, whatever was appended after counting', async (t) => {
    const world = await createWorld(t);
    const session = await writeEnded(world, 10);
    const dying = {
      ...world,
      sessions: { ...world.sessions, raiseLog: () => Promise.reject(new Error('killed')) },
    };
    await assert.rejects(appendEvents(dying, session.accountId, session.id, [draftEvent(0)]), /killed/);
    await start(t, world);
    await world.queues.add(STORE_ROOT, { accountId: session.accountId, sessionId: session.id });
    await untilSettled(world);
    await assertDerived(world);
  });

  it('jobs that run twice, in two workers at once, give the same results', async (t) => {
    const world = await createWorld(t);
    const accountId = newId('account');
    const sessions: Session[] = [];
    for (let i = 0; i < 12; i += 1) sessions.push(await writeEnded(world, i * 30, accountId));
    await Promise.all([start(t, world), start(t, world)]);
    const addAll = async () => {
      for (const { id: sessionId, agentId, startedAt } of sessions) {
        await world.queues.add(AGGREGATE_SESSION, { accountId, sessionId });
        await world.queues.add(STORE_ROOT, { accountId, sessionId });
        const hourMs = Math.floor(startedAt.getTime() / 3_600_000) * 3_600_000;
        await world.queues.add(AGGREGATE_HOUR, { accountId, agentId, hourMs });
      }
    };
    await Promise.all([addAll(), addAll()]);
    await untilIdle(world);
    await addAll();
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilSettled(world);
    await assertDerived(world);
  });

  it('the pipeline fails a job at once whose payload does not match its schema, and runs the next', async (t) => {
    const world = await createWorld(t);
    const queue = world.queues.all.find(({ name }) => name === 'store-root')!;
    const poison = { accountId: { $gt: '' }, sessionId: 'sess_x', more: 1 };
    await queue.add('store-root', poison, { jobId: 'poison', attempts: 5 });
    await writeEnded(world, 10);
    await start(t, world);
    await untilSettled(world);
    const job = await queue.getJob('poison');
    assert.equal(await job?.isFailed(), true);
    assert.equal(job?.attemptsStarted, 1);
    await assertDerived(world);
  });

  it('a sweep does the work of jobs of which their hash alone is left', async (t) => {
    const world = await createWorld(t);
    const { accountId, id: sessionId } = await writeEnded(world, 10);
    const redis = openRedis(world.redisUrl, 'worker');
    t.after(() => redis.disconnect());
    for (const definition of [AGGREGATE_SESSION, STORE_ROOT]) {
      const queue = world.queues.all.find(({ name }) => name === definition.name)!;
      await redis.hset(queue.toKey(definition.id({ accountId, sessionId })), 'name', 'x');
    }
    await start(t, world, { schedules: { sweepEveryMs: 1_000 } });
    await untilSettled(world);
    await assertDerived(world);
  });

  it('a sweep adds a job again that failed for good, once it is due', async (t) => {
    const world = await createWorld(t);
    const { accountId, id: sessionId } = await writeEnded(world, 10);
    const queue = world.queues.all.find(({ name }) => name === 'aggregate-session')!;
    const jobId = AGGREGATE_SESSION.id({ accountId, sessionId });
    await queue.add('aggregate-session', { accountId }, { jobId });
    await start(t, world);
    await untilIdle(world);
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilSettled(world);
    await assertDerived(world);
  });

  it('the drift check corrects counts that drifted, and counts them', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 60);
    const other = await writeSession(world, 60);
    await start(t, world);
    await untilSettled(world);
    await rowsOf(world).updateOne({ _id: session.id }, { $set: { 'aggregate.redaction_count': 1 } });
    await world.db
      .collection('redaction_aggregates')
      .updateOne({ agent_id: other.agentId }, { $set: { redaction_count: 2 } });
    const checked = world.queues.all.find(({ name }) => name === 'check-drift')!;
    await checked.add('check-drift', { sessions: 100 }, { jobId: 'now' });
    await untilIdle(world);
    await world.queues.add(SWEEP, { of: 'changed' });
    await untilSettled(world);
    assert.equal((await readCounters(t, world)).drift_found, 2);
    assert.equal((await readNaively(world, session)).aggregate.redaction_count > 1, true);
    await assertDerived(world);
  });

  it('a sweep over more sessions than may wait keeps at most 1,000 jobs waiting', async (t) => {
    const world = await createWorld(t);
    const template = await rowsOf(world).findOne({ _id: (await writeSession(world, 0)).id });
    const rows = Array.from({ length: 1_500 }, () => ({ ...template!, _id: newId('session') }));
    await rowsOf(world).insertMany(rows);
    let most = 0;
    await start(t, world);
    await eventually(
      'fewer than 250 sessions are due',
      async () => {
        const counts = [...(await world.queues.counts()).values()];
        const waiting = counts.reduce((sum, count) => sum + count.waiting, 0);
        most = Math.max(most, waiting);
        return (await rowsOf(world).countDocuments({ stage: null as never })) < 250;
      },
      { everyMs: 1 },
    );
    assert.ok(most > 0 && most <= 1_000, `${most} jobs waited`);
  });
});
