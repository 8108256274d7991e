import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Queue, UnrecoverableError, Worker } from 'bullmq';
import { MongoNetworkError } from 'mongodb';
import { judgeAccountLog } from '../../../api/routes/health/judge-account-log.ts';
import { type AuditLogHealth, judgeAuditLog } from '../../../api/routes/health/judge-audit-log.ts';
import { judgePipeline, type PipelineHealth } from '../../../api/routes/health/judge-pipeline.ts';
import { type Health, presentHealth } from '../../../api/routes/health/present.ts';
import { healthResponse } from '../../../api/routes/health/schema.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { newId } from '../../../shared/audit/ids.ts';
import { EXTEND_ACCOUNT_LOG, JOB_DEFINITIONS, STORE_ROOT, SWEEP } from '../../../shared/queues/jobs.ts';
import { queuePrefix } from '../../../shared/queues/queue-prefix.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { toJobRow } from '../../../shared/reports/report-job.ts';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import type { PdfState } from '../../../workers/pdf/pdf.ts';
import { eventually } from '../../support/eventually.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { addSession } from '../../support/sessions.ts';
import { startApp } from '../../support/start-app.ts';

test('health', async (t) => {
  const app = await startApp(t);

  await t.test('health states each component, without a login', async () => {
    const response = await app.get('/health');
    assert.equal(response.status, 200);
    const health = healthResponse.parse(await response.json());
    assert.equal(health.status, health.components.pdf === 'ok' ? 'ok' : 'degraded');
    assert.equal(health.version, packageJson.version);
    assert.equal(health.components.db, 'ok');
    assert.equal(health.components.audit_log, 'ok');
    assert.equal(health.components.account_log, 'ok');
    assert.equal(health.components.queue, 'not configured');
    assert.equal(health.components.pipeline, 'not configured');
  });

  await t.test('who ask for health at once share one look', async (t) => {
    const ping = t.mock.method(app.deps, 'pingDatabase');
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await app.get('/health')).status),
    );
    assert.deepEqual(statuses, Array(20).fill(200));
    assert.ok(ping.mock.callCount() < 20, `${ping.mock.callCount()} looks`);
  });

  await t.test('/health/live is 200 while the process runs', async () => {
    const response = await app.get('/health/live');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok' });
  });

  await t.test('/health/ready is 200 while the database answers', async () => {
    const response = await app.get('/health/ready');
    assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }]);
  });

  await t.test('/health/ready is 503 while the database does not answer', async (t) => {
    t.mock.method(app.deps, 'pingDatabase', () => Promise.reject(new Error('away')));
    const response = await app.get('/health/ready');
    assert.deepEqual([response.status, await response.json()], [503, { status: 'unavailable' }]);
  });
});

const PRESENT = { available: true, chromium: '156.0.0.0' } as const;
const NO_PIPELINE = { queue: 'not configured', pipeline: 'not configured' } as const;
const WELL: Health = {
  ...{ databaseAnswers: true, indexes: 'ok', auditLog: 'ok', accountLog: 'ok' },
  ...{ pdf: PRESENT, pipeline: NO_PIPELINE, uptimeS: 1.9 },
};

test('a database that is away makes the whole unavailable, missing audit keys or PDFs only degrade it', () => {
  const absent = { available: false, why: 'there is no Chromium' } as const;
  const status = (databaseAnswers: boolean, auditLog: AuditLogHealth, pdf: PdfState = PRESENT) =>
    presentHealth({ ...WELL, databaseAnswers, auditLog, pdf }).status;
  assert.equal(status(true, 'ok'), 'ok');
  assert.equal(status(true, 'not configured'), 'degraded');
  assert.equal(status(true, 'degraded: why'), 'degraded');
  assert.equal(status(true, 'ok', absent), 'degraded');
  assert.equal(status(false, 'ok'), 'unavailable');
  assert.equal(status(false, 'degraded: why'), 'unavailable');
});

test('indexes that are built while the API serves degrade the whole, and are told', () => {
  const indexes = 'building: 1 index (sessions: account_id)' as const;
  const { status, components } = presentHealth({ ...WELL, indexes });
  assert.deepEqual([status, components.indexes], ['degraded', indexes]);
});

test('health says what was found last about the audit keys while the database does not answer', async () => {
  const never = new Promise<never>(() => {});
  const needed = { keyId: 'k1', problem: 'missing', sessionCount: 2 } as const;
  const judge = (last: readonly (typeof needed)[] | null) =>
    judgeAuditLog(
      { keyNeeds: { find: () => never, findOf: () => never, last: () => last }, hasAuditKeys: true },
      1,
    );
  assert.equal(await judge(null), 'unavailable: the database does not answer in time');
  assert.equal(await judge([]), 'ok');
  assert.match(await judge([needed]), /^degraded: .*k1 is not configured \(2 sessions\)$/);
});

test('health says what was found last of the account logs while the database takes its time, and not while it fails', async () => {
  const never = new Promise<never>(() => {});
  let count: () => Promise<number> = () => never;
  const none = async () => 0;
  const accountLog = { countFailed: () => count(), countRefused: none, countContradictions: none };
  const judge = () => judgeAccountLog({ accountLog, witnesses: [] } as never, 50);
  const unavailable = 'unavailable: the database does not answer in time';
  assert.equal(await judge(), unavailable);
  count = async () => 0;
  assert.equal(await judge(), 'ok');
  count = () => never;
  assert.equal(await judge(), 'ok');
  count = () => Promise.reject(new MongoNetworkError('away'));
  assert.equal(await judge(), unavailable);
});

test('a pipeline that is behind degrades the whole, one that is not configured does not', () => {
  const status = (pipeline: PipelineHealth) => presentHealth({ ...WELL, pipeline }).status;
  assert.equal(status(NO_PIPELINE), 'ok');
  assert.equal(status({ queue: 'ok', pipeline: 'ok' }), 'ok');
  assert.equal(status({ queue: 'ok', pipeline: 'behind: why' }), 'degraded');
  assert.equal(status({ queue: 'degraded: Redis refuses writes: OOM', pipeline: 'ok' }), 'degraded');
  assert.equal(status({ queue: 'unavailable', pipeline: 'unavailable: why' }), 'degraded');
});

const LOGGED = newId('account');
const DUE = { log_due: true, statement: 'a statement' };

test('the health of a pipeline', WITH_REDIS, async (t) => {
  const url = testRedisUrl();
  const app = await startApp(t, { REDIS_URL: url });
  const sessions = app.database.db.collection<{ _id: string }>('sessions');
  const components = async () => healthResponse.parse(await (await app.get('/health')).json()).components;
  const expect = async (pipeline: string) => {
    const found = await components();
    assert.equal(found.queue, 'ok');
    assert.match(found.pipeline, new RegExp(pipeline));
  };
  const redis = openRedis(url, 'worker');
  const work = (name: string) =>
    new Worker(name, () => Promise.reject(new UnrecoverableError('failed')), {
      connection: redis,
      prefix: queuePrefix(app.database.name),
    });

  await t.test('health names the queues that no worker is connected to', async () => {
    const first = work('sweep');
    const names =
      'aggregate-session, store-root, aggregate-hour, make-report, extend-account-log, deliver-webhook, sweep-webhooks, check-drift, verify-logs';
    await eventually('all queues but one lack a worker', () =>
      expect(`^behind: no worker is connected to ${names}$`),
    );
    await first.close();
  });

  const workers = JOB_DEFINITIONS.map(({ name }) => work(name));
  await t.test('the pipeline is ok when workers are connected and nothing waits', async () => {
    await eventually('each queue has a worker', () => expect('^ok$'));
  });

  await t.test('health names the queues that are paused', async () => {
    const { queues } = app.deps.pipeline!;
    const [first, second] = queues.all as [Queue, Queue];
    await first.pause();
    await expect(`^behind: ${first.name} is paused: resume it in /admin/queues$`);
    await second.pause();
    await expect(`^behind: ${first.name}, ${second.name} are paused: resume them in /admin/queues$`);
    await Promise.all([first.resume(), second.resume()]);
    await expect('^ok$');
  });

  await t.test(
    'the pipeline is behind once an account log has waited for minutes, whatever keeps it',
    async () => {
      const { queues } = app.deps.pipeline!;
      const queue = queues.all.find(({ name }) => name === EXTEND_ACCOUNT_LOG.name) as Queue;
      await queue.setGlobalConcurrency(0);
      const payload = { accountId: newId('account') };
      await queue.add('fresh', payload);
      await expect('^ok$');
      await queue.add('old', payload, { timestamp: Date.now() - 7.5 * 60_000, lifo: true });
      await expect(
        '^behind: an account log has waited for 7 minutes to be extended: see extend-account-log in',
      );
      await queue.drain();
      await queue.removeGlobalConcurrency();
      await expect('^ok$');
    },
  );

  await t.test('a slow look at the changes counts as the last one, and a failed one does not', async () => {
    const never = new Promise<never>(() => {});
    let find: () => Promise<Date | null> = () => never;
    const gauges = { ...app.deps.gauges, findOldestChange: () => find() };
    const judge = async () => (await judgePipeline({ ...app.deps, gauges }, 500)).pipeline;
    assert.equal(await judge(), 'unavailable: the database does not answer in time');
    find = app.deps.gauges.findOldestChange;
    assert.equal(await judge(), 'ok');
    find = () => never;
    assert.equal(await judge(), 'ok');
    find = () => Promise.reject(new MongoNetworkError('away'));
    assert.equal(await judge(), 'unavailable: the database does not answer in time');
  });

  await t.test(
    'the pipeline is behind once an entry has waited for minutes, whatever Redis says',
    async () => {
      const reports = app.database.db.collection<{ _id: string }>('reports');
      const heads = app.database.db.collection<{ _id: string }>('account_logs');
      const dueFor = async (minutes: number) => {
        const generated_at = new Date(Date.now() - (minutes + 0.5) * 60_000);
        await reports.insertOne({ _id: newId('report'), account_id: LOGGED, generated_at, ...DUE } as never);
      };
      await dueFor(3);
      await expect('^ok$');
      await dueFor(7);
      await expect(
        '^behind: an account log has waited for 7 minutes to be extended: see extend-account-log in /admin/queues',
      );
      const checkpoint = { size: 1, signed_at: new Date() };
      await heads.insertOne({ _id: LOGGED, checkpoint } as never);
      await expect('^ok$');
      await heads.replaceOne({ _id: LOGGED }, { due_at: new Date(Date.now() - 6.5 * 60_000) } as never);
      await expect('^behind: an account log has waited for 6 minutes to be extended');
      // npm run backfill -- --log made rows of months ago due.
      await createLogHeads(app.database.db).noteDue(LOGGED);
      await expect('^ok$');
      await heads.replaceOne({ _id: LOGGED }, { refused: 1 } as never);
      await expect('^ok$');
      await Promise.all([reports.deleteMany({}), heads.deleteMany({})]);
    },
  );

  await t.test(
    'the pipeline is behind once an order has waited for minutes, and no report is made',
    async () => {
      const jobs = app.database.db.collection<{ _id: string }>('report_jobs');
      const add = (status: string, minutes: number) => {
        const touched_at = new Date(Date.now() - (minutes + 0.5) * 60_000);
        const window = { since: touched_at, until: touched_at, tz: 'UTC', period: null };
        const asked = { userId: newId('user'), userName: 'Ada', paper: 'a4', format: 'json' } as const;
        const order = {
          ...asked,
          id: newId('report'),
          accountId: newId('account'),
          exceptions: 'list',
        } as const;
        const taken = { ...order, subject: { scope: 'account', window }, orderedAt: touched_at } as const;
        return jobs.insertOne({ ...toJobRow(taken, null), status, touched_at } as never);
      };
      await add('queued', 3);
      await add('ready', 60);
      await expect('^ok$');
      await add('queued', 9);
      await expect('^behind: a report has waited for 9 minutes to be made: see make-report in /admin/queues');
      await add('running', 1);
      await expect('^ok$');
      await jobs.deleteMany({});
    },
  );

  const { accountId, agentId, cookie } = await app.addTenant('Clinic');
  const { id: sessionId } = await addSession(app, { accountId, agentId, cookie });
  await t.test('the pipeline is behind once a change has waited for minutes', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await expect('^ok$');
    await sessions.updateOne(
      { _id: sessionId },
      { $set: { changed_at: new Date(Date.now() - 6.5 * 60_000) } },
    );
    await expect('^behind: a change has waited for 6 minutes$');
    await sessions.deleteMany({});
  });

  await t.test(
    "the pipeline is behind while a session's job has failed for good, and not for a failed sweep",
    async () => {
      const { queues } = app.deps.pipeline!;
      await queues.add(SWEEP, { of: 'changed' });
      await eventually(
        'the sweep has failed',
        async () => (await queues.counts()).get('sweep')?.failed === 1,
      );
      await expect('^ok$');
      await queues.add(STORE_ROOT, { accountId, sessionId });
      await eventually('the failed job shows', () => expect('^behind: 1 job failed for good$'));
    },
  );

  await Promise.all(workers.map((worker) => worker.close()));
  redis.disconnect();
});
