// The scheduled verification, without a queue: which logs a run walks, and what follows.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BSONRegExp, MongoServerError } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { createFleetSessions } from '../../../shared/sessions/fleet-sessions.ts';
import { createRecordOutcome } from '../../../shared/sessions/record-outcome.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createVerifyRounds } from '../../../shared/sessions/verify-rounds.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/time/durations.ts';
import { createAnnouncer } from '../../../shared/webhooks/announce.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { createWebhookRepository } from '../../../shared/webhooks/webhook-repository.ts';
import type { JobDeps } from '../../../workers/jobs/job.ts';
import { countDue, nextRound, verifyLogsJob } from '../../../workers/jobs/verify-logs.ts';
import { createReportPool, type ReportPool } from '../../../workers/reports/pool.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { alterEntry, rowsOf } from '../../support/pipeline-world.ts';

const EVERY_MS = 30 * DAY_MS;
const { signal } = new AbortController();

describe('the scheduled verification', () => {
  let world: LogWorld;
  let pool: ReportPool;
  let deps: JobDeps;
  const walked: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const accountId = newId('account');
  const releases: (() => Promise<void>)[] = [];

  before(async () => {
    world = await createLogWorld({ after: (release) => releases.push(release) });
    const config = { mongodbDb: world.database.name, auditKeys: [TEST_KEY] };
    pool = await createReportPool({
      mongodbUri: world.database.uri,
      config: { ...config, reportThreads: 1, reportQueueLimit: 16 },
    });
    releases.push(() => pool.close());
    const { sessions, db } = world;
    const log = { error: (line: Record<string, unknown>) => void lines.push(line), info() {} };
    const announcer = createAnnouncer(db, () => {});
    deps = {
      sessions,
      log,
      fleet: createFleetSessions(db),
      verifyRounds: createVerifyRounds(db),
      verifyEveryMs: EVERY_MS,
      recordOutcome: createRecordOutcome({ sessions, log: log as never, countFailed() {}, announcer }),
      pool: {
        verifySession(ref: Parameters<ReportPool['verifySession']>[0], options: never) {
          walked.push(ref.sessionId);
          return pool.verifySession(ref, options);
        },
      },
    } as unknown as JobDeps;
  });
  after(async () => {
    for (const release of releases.reverse()) await release();
  });

  const run = () => verifyLogsJob.handle({}, deps, signal);
  const begin = (agoMs: number) =>
    deps.verifyRounds.keep({
      begunAt: new Date(Date.now() - agoMs),
      afterId: null,
      visited: 0,
      isDone: false,
    });
  const rowOf = ({ id }: Session) => rowsOf(world).findOne({ _id: id });

  it('a run walks as many logs as the time that has passed asks for, and the next goes on behind them', async () => {
    const sessions: Session[] = [];
    for (let i = 0; i < 8; i += 1) sessions.push(await writeSession(world, 3, { accountId }));
    const open = await writeSession(world, 3, { accountId, seal: false });
    const ids = sessions.map(({ id }) => id).sort();
    await run();
    assert.deepEqual(walked.splice(0), [], 'a round that begins walks nothing');
    await begin(EVERY_MS / 3);
    await run();
    assert.deepEqual(walked.splice(0), ids.slice(0, 3), 'of nine sessions a third');
    await run();
    assert.deepEqual(walked.splice(0), [], 'nothing more is due by now');
    const round = (await deps.verifyRounds.find())!;
    await deps.verifyRounds.keep({ ...round, begunAt: new Date(Date.now() - EVERY_MS + HOUR_MS) });
    await run();
    assert.deepEqual(walked.splice(0), ids.slice(3), 'all that are left, and no open log');
    assert.equal((await deps.verifyRounds.find())?.isDone, true);
    for (const session of sessions) assert.ok((await rowOf(session))?.walked_at instanceof Date);
    assert.equal((await rowOf(open))?.walked_at, undefined);
  });

  it('an altered closed log is found unasked, marked, told to webhooks and logged with its session; its mark goes once it is well', async () => {
    const webhooks = createWebhookRepository(world.db);
    const url = 'https://receiver.example/hook';
    const made = await webhooks.create(accountId, { url, events: ['log.failed'], description: '' });
    const session = await writeSession(world, 5, { accountId });
    await alterEntry(world, session, 2);
    await begin(EVERY_MS);
    await run();
    const about = { session_id: session.id, fault: 'altered', seq: 2 };
    const told = await createDeliveryRepository(world.db).list(accountId, made!.webhook.id, {
      after: null,
      limit: 10,
    });
    assert.deepEqual(
      told.map(({ event }) => event),
      [{ type: 'log.failed', data: about }],
    );
    const found = lines.splice(0).map(({ session_id, fault, seq }) => ({ session_id, fault, seq }));
    assert.deepEqual(found, [about]);
    assert.equal((await rowOf(session))?.log_failed?.fault, 'altered');

    await alterEntry(world, session, 2, ['MSKV9', 'MSKV1']);
    walked.length = 0;
    await run();
    assert.deepEqual(walked, [], 'it was walked a moment ago');
    const earlier = { walked_at: new Date(Date.now() - 11 * MINUTE_MS) };
    await rowsOf(world).updateOne({ _id: session.id }, { $set: earlier });
    await run();
    assert.deepEqual(walked, [session.id]);
    assert.equal((await rowOf(session))?.log_failed, undefined);
  });

  it('marked rows that no walk comes to do not keep a marked log from its turn', async () => {
    const session = await writeSession(world, 3, { accountId });
    const mark = { log_failed: { fault: 'altered', seq: 0, found_at: new Date() } };
    await rowsOf(world).updateOne({ _id: session.id }, { $set: mark });
    const template = (await rowsOf(world).findOne({ _id: session.id }))!;
    const strays = Array.from({ length: 100 }, (_, i) => ({
      ...template,
      _id: `sess_${String(i).padStart(26, '0')}`,
      account_id: [accountId, newId('account')],
    }));
    await rowsOf(world).insertMany(strays as unknown as (typeof template)[]);
    walked.length = 0;
    await run();
    await run();
    assert.deepEqual([...new Set(walked)].sort(), [...strays.map(({ _id }) => _id), session.id]);
    assert.equal(walked.length, 101 + 99, 'the others come again behind it');
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.log_failed, undefined);
    await rowsOf(world).deleteMany({ _id: { $in: [session.id, ...strays.map(({ _id }) => _id)] } });
  });

  it('a row that holds a pattern which no program can read keeps no log from its turn', async () => {
    const session = await writeSession(world, 3, { accountId });
    const template = (await rowsOf(world).findOne({ _id: session.id }))!;
    const mark = { log_failed: { fault: 'altered' as const, seq: 0, found_at: new Date() } };
    const odd = { ...template, ...mark, _id: `sess_${'0'.repeat(26)}`, account_id: new BSONRegExp('(', '') };
    await rowsOf(world).insertOne(odd as unknown as typeof template);
    await rowsOf(world).updateOne({ _id: session.id }, { $set: mark });
    walked.length = 0;
    await run();
    assert.ok(walked.includes(session.id));
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.log_failed, undefined);
    await rowsOf(world).deleteMany({ _id: { $in: [session.id, odd._id] } });
  });

  it('a log at which a thread breaks off is logged, and the round goes on', async () => {
    const { AppError } = await import('../../../shared/errors/app-error.ts');
    const broken = new AppError('report_generation_failed', 'a thread broke off');
    const faulty = { ...deps, pool: { verifySession: () => Promise.reject(broken) } } as unknown as JobDeps;
    await begin(EVERY_MS);
    lines.length = 0;
    await verifyLogsJob.handle({}, faulty, signal);
    assert.equal(lines.length, 9);
    assert.equal((await deps.verifyRounds.find())?.isDone, true);
    const away = new AppError('unavailable', 'The database does not answer');
    const cut = { ...deps, pool: { verifySession: () => Promise.reject(away) } } as unknown as JobDeps;
    await begin(EVERY_MS);
    await assert.rejects(async () => verifyLogsJob.handle({}, cut, signal), away);
    assert.equal((await deps.verifyRounds.find())?.afterId, null);
  });

  it('a row at which the recording throws is logged, and the logs behind it have their turn', async () => {
    const ids = (await deps.fleet.listEnded(null, 100)).map(({ sessionId }) => sessionId);
    const odd = ids[1]!;
    const tooLarge = new MongoServerError({
      message: 'Resulting document after update is larger',
      code: 17419,
    });
    const orThrow =
      <Given extends unknown[], Result>(
        idOf: (...given: Given) => unknown,
        work: (...given: Given) => Promise<Result>,
      ) =>
      async (...given: Given) => {
        if (idOf(...given) === odd) throw tooLarge;
        return await work(...given);
      };
    const faulty = {
      ...deps,
      recordOutcome: orThrow(({ session }) => session.id, deps.recordOutcome),
      sessions: { noteWalk: orThrow((_, sessionId) => sessionId, deps.sessions.noteWalk) },
    } as unknown as JobDeps;
    for (const marked of [true, false]) {
      if (marked) {
        const mark = { log_failed: { fault: 'altered' as const, seq: 0, found_at: new Date() } };
        await rowsOf(world).updateMany({ _id: { $in: ids } }, { $set: mark, $unset: { walked_at: 1 } });
      } else await begin(EVERY_MS);
      lines.length = 0;
      walked.length = 0;
      await verifyLogsJob.handle({}, faulty, signal);
      assert.deepEqual(
        lines.filter((line) => 'err' in line).map(({ session_id, err }) => [session_id, err]),
        Array.from({ length: 2 * walked.filter((id) => id === odd).length }, () => [odd, tooLarge]),
      );
      for (const id of ids) assert.ok(walked.includes(id), id);
    }
    assert.deepEqual(
      (
        await rowsOf(world)
          .find({ log_failed: { $exists: true } })
          .toArray()
      ).map(({ _id }) => _id),
      [odd],
    );
    await rowsOf(world).updateOne({ _id: odd }, { $unset: { log_failed: 1 } });
  });

  it('a deployment that turned it off walks nothing', async () => {
    walked.length = 0;
    await begin(EVERY_MS);
    assert.equal(await verifyLogsJob.handle({}, { ...deps, verifyEveryMs: null }, signal), 'off');
    assert.deepEqual(walked, []);
  });
});

describe('rounds of the scheduled verification', () => {
  const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
  const round = (agoMs: number, isDone: boolean, visited = 50) => ({
    begunAt: new Date(NOW_MS - agoMs),
    afterId: newId('session'),
    visited,
    isDone,
  });

  it('a round goes on until its time is up and it has come to the end; the next makes up for what it was late', () => {
    for (const going of [round(HOUR_MS, false), round(HOUR_MS, true), round(EVERY_MS + HOUR_MS, false)]) {
      assert.equal(nextRound(going, EVERY_MS, NOW_MS), going);
    }
    const begunOf = (agoMs: number) => nextRound(round(agoMs, true), EVERY_MS, NOW_MS);
    assert.deepEqual(begunOf(EVERY_MS + HOUR_MS), {
      begunAt: new Date(NOW_MS - HOUR_MS),
      afterId: null,
      visited: 0,
      isDone: false,
    });
    assert.equal(begunOf(3 * EVERY_MS).begunAt.getTime(), NOW_MS);
    assert.equal(begunOf(-HOUR_MS).begunAt.getTime(), NOW_MS);
    assert.equal(nextRound(null, EVERY_MS, NOW_MS).begunAt.getTime(), NOW_MS);
  });

  it('logs are due in proportion to the time that has passed, and all near its end', () => {
    const due = (agoMs: number) => countDue(round(agoMs, false), EVERY_MS, NOW_MS, 1_000);
    assert.equal(due(0), 0);
    assert.equal(due(EVERY_MS / 2), 476);
    assert.equal(due(0.95 * EVERY_MS), Number.POSITIVE_INFINITY);
  });
});
