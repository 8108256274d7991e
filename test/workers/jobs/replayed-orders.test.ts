// Orders of reports that were issued, put back by somebody who writes to the database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Document } from 'mongodb';
import type { HealthResponse } from '../../../api/routes/health/schema.ts';
import type { ReportJob } from '../../../shared/reports/report-job.ts';
import { NEVER, openTestLogs } from '../../support/account-logs.ts';
import { readError } from '../../support/answers.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { createJobWorld } from '../../support/report-jobs.ts';
import { made, runJob } from '../../support/run-report-job.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';

type Row = Document & { _id: string };

test('an order that is put back', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl(), { sessions: 1, hasOwnContent: true });
  openTestQueues(whole, world, testRedisUrl());
  const { accountId, app, cookie, db } = world;
  const { logs } = await openTestLogs(whole, world);
  const jobs = db.collection<Row>('report_jobs');
  const ledger = db.collection<Row>('reports');
  const heads = db.collection<Row>('account_logs');
  await logs.keep(accountId, NEVER);
  const never = () => assert.fail('the report is made again');

  /** A report that was issued and logged; how its order's row was before. */
  async function issue() {
    const { id } = await world.order('since=30d');
    const queued = (await jobs.findOne({ _id: id })) as Row;
    assert.equal(await runJob(world, id, async (job) => made(job, 'first')), 'ready');
    await logs.keep(accountId, NEVER);
    const index = (await ledger.findOne({ _id: id }))?.log_index as number;
    assert.ok(index >= queued.log_size);
    return { id, queued, index };
  }

  await t.test('says how far the account log was signed when it was taken', async () => {
    const { id } = await world.order('since=30d');
    const size = (await heads.findOne({ _id: accountId }))?.checkpoint.size;
    assert.ok(size > 0);
    assert.equal((await jobs.findOne({ _id: id }))?.log_size, size);
    await jobs.updateOne({ _id: id }, { $set: { log_size: size + 1 } });
    assert.equal(await runJob(world, id, never), 'failed: stored_order');
  });

  for (const isRemoved of [true, false]) {
    const what = isRemoved ? 'was removed' : 'is there';
    await t.test(`makes no other report, where the row in the ledger ${what}`, async () => {
      const { id, queued, index } = await issue();
      const before = await ledger.findOne({ _id: id });
      if (isRemoved) await ledger.deleteOne({ _id: id });
      await jobs.replaceOne({ _id: id }, queued);
      assert.equal(await runJob(world, id, never), 'failed: stored_order');
      const { status, error } = await world.status(id);
      assert.deepEqual([status, error?.reason], ['failed', 'stored_order']);
      assert.match(error?.message ?? '', new RegExp(`issued already, as entry ${index} of the account log`));
      assert.deepEqual(await ledger.findOne({ _id: id }), isRemoved ? null : before);
    });
  }

  await t.test('makes no other report once the first is ready, whoever keeps no account log', async () => {
    const { id } = await world.order('since=30d');
    const queued = (await jobs.findOne({ _id: id })) as Row;
    const { sign: signLog } = logs;
    assert.equal(await runJob(world, id, async (job) => made(job, 'first'), { signLog }), 'ready');
    await ledger.deleteOne({ _id: id });
    await jobs.replaceOne({ _id: id }, queued);
    assert.equal(await runJob(world, id, never, { signLog }), 'failed: stored_order');
  });

  await t.test('is not ready before the account log has the report', async () => {
    const { id } = await world.order('since=30d');
    const signLog = async () => {};
    const make = async (job: ReportJob) => made(job, 'first');
    const error = { code: 'unavailable', retryAfterS: 60 };
    await assert.rejects(runJob(world, id, make, { signLog }), error);
    assert.equal((await world.status(id)).status, 'running');
    assert.equal(await runJob(world, id, never, { signLog: logs.sign }), 'ready');
    assert.equal(typeof (await ledger.findOne({ _id: id }))?.log_index, 'number');
  });

  await t.test('fails for good where the ledger has a report of its id, which no log has yet', async () => {
    const { id } = await world.order('since=30d');
    const queued = (await jobs.findOne({ _id: id })) as Row;
    assert.equal(await runJob(world, id, async (job) => made(job, 'first')), 'ready');
    await jobs.replaceOne({ _id: id }, queued);
    assert.equal(await runJob(world, id, async (job) => made(job, 'second')), 'failed: stored_bytes');
    assert.match((await world.status(id)).error?.message ?? '', /^The ledger has another report of this id/);
  });

  await t.test('records no other report than the logged one, whatever its row names', async () => {
    const { id, queued, index } = await issue();
    await ledger.deleteOne({ _id: id });
    await jobs.replaceOne({ _id: id }, queued);
    // As an earlier version did.
    const unseen = { findIssued: async () => null };
    assert.equal(await runJob(world, id, async (job) => made(job, 'second'), unseen), 'ready');
    const row = await ledger.findOne({ _id: id });

    assert.equal((await logs.keep(accountId, NEVER)).appended, 0);
    const kept = await ledger.findOne({ _id: id });
    assert.deepEqual([kept?.log_index, kept?.log_due], [index, true]);
    assert.equal((await heads.findOne({ _id: accountId }))?.refused, 1);
    const health = (await (await app.get('/health', null)).json()) as HealthResponse;
    assert.match(health.components.account_log, /^degraded: 1 row is due for account logs and get/);
    const ask = async (what: string) =>
      await readError(await app.get(`/api/v1/reports/${id}/${what}`, cookie));
    for (const change of [{}, { $unset: { log_index: '' } }, { $set: { log_index: 0 } }]) {
      if (Object.keys(change).length > 0) await ledger.updateOne({ _id: id }, change as object);
      const what = JSON.stringify(change);
      const proof = await ask('proof');
      assert.deepEqual([proof.code, proof.reason], ['report_generation_failed', 'account_log'], what);
      assert.match(proof.message, new RegExp(`contradicts entry ${index} of the account log`));
      const content = await ask('content');
      assert.deepEqual([content.code, content.reason], ['report_generation_failed', 'stored_bytes'], what);
      assert.match(content.message, new RegExp(`contradicts entry ${index} of the account log`));
    }

    await ledger.deleteOne({ _id: id });
    await jobs.updateOne({ _id: id }, { $set: { status: 'running' } });
    assert.equal(await runJob(world, id, never), 'failed: stored_bytes');
    assert.equal(await ledger.findOne({ _id: id }), null);
    await ledger.insertOne({ ...row, _id: id });
    await ledger.deleteOne({ _id: id });
  });
});
