// Workers that are killed while they make a report, and reports that are cancelled while they are made.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { Document } from 'mongodb';
import { createCounters } from '../../../shared/queues/counters.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import type { ReportJob } from '../../../shared/reports/report-job.ts';
import { NEVER, openTestLogs } from '../../support/account-logs.ts';
import { eventually } from '../../support/eventually.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { createJobWorld, type JobWorld } from '../../support/report-jobs.ts';
import { rounds } from '../../support/rounds.ts';
import { made, runJob } from '../../support/run-report-job.ts';
import { runWorker } from '../../support/run-worker.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';
import type { JobKill } from '../../support/worker-process.ts';

type Row = Document & { _id: string };

const KILLS = rounds(2, 5);
/** So early that the report is never ready. The last kill may come at any step, the last one included. */
const EARLY = { commands: 8, ms: 200 };
const ANY = { commands: 40, ms: 600 };

/**
 * What two reports on the same logs share: all bytes but the id, the times at which things were read, and how far the account
 * log was, which has the first by the time of the second.
 */
function comparable(text: string): string {
  return text
    .replaceAll(/"checkpoint":"[^"]*","log_size":\d+/g, '"checkpoint":""')
    .replaceAll(/rep_[0-9A-Z]{26}/g, 'rep_')
    .replaceAll(/"(generated_at|read_at|counted_(?:before|after)_at)":"[^"]*"/g, '"$1":""');
}

test(
  `a report whose worker is killed ${KILLS} times is that of an undisturbed one`,
  WITH_REDIS,
  async (t) => {
    const random = seededRandom(t);
    const whole = inReverse(t);
    const redisUrl = testRedisUrl();
    const world = await createJobWorld(whole, redisUrl, { sessions: 60, entries: 400 });
    openTestQueues(whole, world, redisUrl);

    const { logs } = await openTestLogs(whole, world);
    assert.equal((await logs.keep(world.accountId, NEVER)).failed, null);

    const now = new Date();
    const since = new Date(now.getTime() - 86_400_000).toISOString();
    const query = `since=${since}&until=${now.toISOString()}`;
    const { id } = await world.order(query);
    for (let i = 1; i <= KILLS; i += 1) {
      const latest = i < KILLS ? EARLY : ANY;
      const job = 'make-report';
      const kill: JobKill =
        random.next() < 0.5
          ? { job, command: random.whole(1, latest.commands) }
          : { job, afterMs: random.whole(0, latest.ms) };
      const worker = runWorker(whole, world, redisUrl, { kill });
      assert.equal(await worker.ended, 'SIGKILL');
      const { status } = await world.status(id);
      t.diagnostic(`${JSON.stringify(kill)}: ${status}`);
      if (i < KILLS) assert.notEqual(status, 'ready');
    }
    const last = runWorker(whole, world, redisUrl);
    await world.until(id, 'ready');
    const bytes = await (await world.content(id)).text();

    const alone = await world.order(query);
    await world.until(alone.id, 'ready');
    const undisturbed = await (await world.content(alone.id)).text();
    assert.ok(bytes.includes(id));
    assert.equal(comparable(bytes), comparable(undisturbed));
    const ledger = await world.db.collection<Row>('reports').find().toArray();
    assert.deepEqual(ledger.map(({ _id }) => _id).sort(), [id, alone.id].sort());
    for (const each of [id, alone.id]) assert.equal((await world.remove(each)).status, 204);
    assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
    await last.stop();
  },
);

test('a worker that is stopped leaves its report to the next one at once', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const redisUrl = testRedisUrl();
  const world = await createJobWorld(whole, redisUrl, { sessions: 60, entries: 400 });
  const queues = openTestQueues(whole, world, redisUrl);
  const { id } = await world.order('since=30d');
  const worker = runWorker(whole, world, redisUrl);
  await eventually('the report runs', async () => (await world.status(id)).status === 'running', {
    everyMs: 1,
  });
  await worker.stop();
  assert.equal(await worker.ended, null);
  const counts = (await queues.counts()).get('make-report');
  assert.deepEqual(counts, { waiting: 1, active: 0, delayed: 0, failed: 0 });
  runWorker(whole, world, redisUrl);
  await world.until(id, 'ready');
  // Nothing else appends here: the sessions, their policy and the report.
  const redis = openRedis(redisUrl, 'worker');
  whole.after(async () => redis.disconnect());
  const counters = createCounters(redis, world.database.name);
  assert.equal((await counters.read()).log_entries_appended, 62);
  await world.remove(id);
  assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
});

test('a report goes on while Redis loses its data, and ends once', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const whole = inReverse(t);
  const world = await createJobWorld(whole, redis.url, { sessions: 60, entries: 400 });
  const { id } = await world.order('since=30d');
  const worker = runWorker(whole, world, redis.url);
  await eventually('the report runs', async () => (await world.status(id)).status === 'running', {
    everyMs: 1,
  });
  const client = openRedis(redis.url, 'worker');
  await client.flushall();
  client.disconnect();
  await world.until(id, 'ready');
  const ledger = await world.db.collection<Row>('reports').find().toArray();
  assert.deepEqual(
    ledger.map(({ _id }) => _id),
    [id],
  );
  assert.equal((await world.countStored()).files, 1);
  await worker.stop();
});

/** As of a report that was printed. */
const PDF = { pdfSha256Hex: 'cd'.repeat(32), pdfStatement: 'a note\n' } as const;

const DIED = /The worker died/;

/** What a job needs whose worker dies before it records its report. */
function unrecorded({ app }: JobWorld) {
  const { reportFiles, ledger } = app.deps;
  return { reportFiles, ledger: { ...ledger, record: () => Promise.reject(new Error('The worker died')) } };
}

test('a job that runs at two workers', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl(), { sessions: 1, hasOwnContent: true });
  openTestQueues(whole, world, testRedisUrl());

  await t.test(
    'two workers give one report, that of the first, and no bytes of the other are left',
    async () => {
      const { id } = await world.order('since=30d');
      const result = await runJob(world, id, async (job) => {
        assert.equal(await runJob(world, id, async (same) => made(same, 'first')), 'ready');
        return made(job, 'second');
      });
      assert.equal(result, 'not wanted');
      assert.equal(await (await world.content(id)).text(), 'first');
      await world.remove(id);
      assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
    },
  );

  await t.test('a worker goes on with what another settled and did not record', async () => {
    const { id } = await world.order('since=30d');
    const ledger = world.db.collection<Row>('reports');
    const printed = async (job: ReportJob) => {
      const { entry, ...report } = made(job, 'settled');
      return { ...report, entry: { ...entry, ...PDF } };
    };
    await assert.rejects(runJob(world, id, printed, unrecorded(world)), DIED);
    const never = () => assert.fail('the report is made again');
    assert.equal(await runJob(world, id, never), 'ready');
    assert.equal(await (await world.content(id)).text(), 'settled');
    const row = await ledger.findOne({ _id: id });
    assert.equal(row?.json_sha256, hash('sha256', 'settled'));
    assert.deepEqual([row?.pdf_sha256, row?.pdf_statement], [PDF.pdfSha256Hex, PDF.pdfStatement]);
    await world.remove(id);
  });

  await t.test('a composed report whose row somebody changed is neither recorded nor signed', async () => {
    const ledger = world.db.collection<Row>('reports');
    const jobs = world.db.collection<Row>('report_jobs');
    for (const change of [
      { 'composed.root_hex': 'ab'.repeat(32) },
      { 'composed.size': 999_999 },
      { 'composed.json_sha256': 'ab'.repeat(32) },
      { 'composed.generated_at': new Date(0) },
      { 'composed.entry_statement': 'a note\n' },
    ]) {
      const { id } = await world.order('since=30d');
      const settled = runJob(world, id, async (job) => made(job, 'settled'), unrecorded(world));
      await assert.rejects(settled, DIED);
      await jobs.updateOne({ _id: id }, { $set: change });
      const never = () => assert.fail('the report is made again');
      assert.equal(await runJob(world, id, never), 'failed: stored_bytes', JSON.stringify(change));
      assert.equal((await world.status(id)).error?.reason, 'stored_bytes');
      assert.equal(await ledger.findOne({ _id: id }), null);
    }
  });

  await t.test('an order whose row somebody changed is never made', async () => {
    const jobs = world.db.collection<Row>('report_jobs');
    for (const change of [
      { since: new Date(0) },
      { period: '2026-Q3' },
      { user_name: 'Grace Hopper, external auditor' },
      { order_statement: 'a note\n' },
    ]) {
      const { id } = await world.order('since=30d');
      await jobs.updateOne({ _id: id }, { $set: change });
      const never = () => assert.fail('the report is made');
      assert.equal(await runJob(world, id, never), 'failed: stored_order', JSON.stringify(change));
      assert.equal((await jobs.findOne({ _id: id }))?.error.reason, 'stored_order');
      assert.equal((await world.status(id)).error?.reason, 'stored_order');
    }
  });

  await t.test('a report that is cancelled while it is made stops, and leaves no bytes', async () => {
    const { id } = await world.order('since=30d');
    const result = await runJob(world, id, async (_, { signal }) => {
      assert.equal((await world.remove(id)).status, 204);
      await eventually('the walk is told to stop', () => signal.aborted);
      throw signal.reason as Error;
    });
    assert.equal(result, 'not wanted');
    assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
    assert.equal((await world.status(id)).error?.code, 'cancelled');
  });

  await t.test(
    'two callers cancel at once, at each step of a report, and nothing of it is left',
    async () => {
      const { id: queued } = await world.order('since=30d');
      const cancelTwice = async (id: string) => {
        const answers = await Promise.all([world.remove(id), world.remove(id)]);
        assert.deepEqual(
          answers.map(({ status }) => status),
          [204, 204],
        );
      };
      await cancelTwice(queued);
      const never = () => assert.fail('a cancelled report is made');
      assert.equal(await runJob(world, queued, never), 'not wanted');
      const { reportFiles, ledger } = world.app.deps;
      const steps = {
        /** Its pieces are being stored. */
        store: { reportFiles: { ...reportFiles, store: cancelAround(reportFiles.store) }, ledger },
        /** The row names the bytes. */
        record: { reportFiles, ledger: { ...ledger, record: cancelAround(ledger.record) } },
        /** It is ready. */
        clean: { reportFiles: { ...reportFiles, removeAll: cancelAround(reportFiles.removeAll) }, ledger },
      };
      let id = '';
      function cancelAround<Args extends unknown[], T>(step: (...args: Args) => Promise<T>) {
        return async (...args: Args): Promise<T> => {
          const [result] = await Promise.all([step(...args), cancelTwice(id)]);
          return result;
        };
      }
      for (const [name, deps] of Object.entries(steps)) {
        ({ id } = await world.order('since=30d'));
        await runJob(world, id, async (job) => made(job, name), deps);
        const { status, content } = await world.status(id);
        assert.deepEqual([name, status, content], [name, name === 'clean' ? 'expired' : 'failed', null]);
        assert.deepEqual([name, await world.countStored()], [name, { files: 0, chunks: 0 }]);
      }
    },
  );

  await t.test('a report that is cancelled after it was composed is not handed out', async () => {
    const { id } = await world.order('since=30d');
    const result = await runJob(world, id, async (job) => {
      await world.remove(id);
      return made(job, 'too late');
    });
    assert.equal(result, 'not wanted');
    assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
  });

  await t.test('a range that crosses the pieces in which bytes are stored is its bytes', async () => {
    const { id } = await world.order('since=30d');
    const piece = 255 * 1024;
    const text = Array.from({ length: 3 * piece }, (_, i) => String.fromCharCode(65 + (i % 23))).join('');
    assert.equal(await runJob(world, id, async (job) => made(job, text)), 'ready');
    const ranges = [
      [piece - 3, piece + 4],
      [piece, 2 * piece],
      [5, 3 * piece],
      [2 * piece + 1, 2 * piece + 2],
      [piece + 9, 3 * piece - 1],
    ] as const;
    for (const [begin, end] of ranges) {
      const response = await world.content(id, { Range: `bytes=${begin}-${end - 1}` });
      assert.ok((await response.text()) === text.slice(begin, end), `${begin} to ${end}`);
    }
    await world.remove(id);
  });

  await t.test('progress is in the row while the walk goes on', async () => {
    const { id } = await world.order('since=30d');
    await runJob(world, id, async (job, { onProgress, onStage }) => {
      onStage?.('walking');
      for (const done of [1, 2]) {
        onProgress?.({ done, total: 7 });
        await eventually(`${done} sessions are done`, async () =>
          assert.equal((await world.status(id)).progress?.sessions_done, done),
        );
      }
      return made(job, 'text');
    });
    await world.remove(id);
  });

  await t.test('progress names the stage, and moves where nothing is walked', async () => {
    const { id } = await world.order('since=30d');
    await runJob(world, id, async (job, { onStage }) => {
      for (const stage of ['listing', 'composing', 'printing'] as const) {
        onStage?.(stage);
        await eventually(`the stage ${stage}`, async () =>
          assert.equal((await world.status(id)).progress?.stage, stage),
        );
        const before = (await world.status(id)).progress?.updated_at;
        await eventually('the worker tells again', async () =>
          assert.notEqual((await world.status(id)).progress?.updated_at, before),
        );
      }
      return made(job, 'text');
    });
    assert.equal((await world.status(id)).progress?.stage, 'storing');
    await world.remove(id);
  });

  await t.test('a report that workers begin again and again fails at last', async () => {
    const { id } = await world.order('since=30d');
    await world.db.collection<Row>('report_jobs').updateOne({ _id: id }, { $set: { attempts: 25 } });
    const never = () => assert.fail('the report is made again');
    assert.equal(await runJob(world, id, never), 'failed: internal_error');
    assert.match((await world.status(id)).error?.message ?? '', /25 times/);
  });
});
