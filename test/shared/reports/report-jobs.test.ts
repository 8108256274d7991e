import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { entryOf } from '../../../shared/reports/composed-entry.ts';
import type { ComposedJob } from '../../../shared/reports/report-job.ts';
import { createReportJobs, type ReportJobs } from '../../../shared/reports/report-jobs.ts';
import { signEntry } from '../../../shared/reports/sign-entry.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import { openSigning } from '../../../shared/transparency/open-signing.ts';
import {
  createStatementSigner,
  SIGN_NOTHING,
  type SignStatement,
} from '../../../shared/transparency/statement-signer.ts';
import { TEST_SIGNING } from '../../support/account-logs.ts';
import { openTestDatabase } from '../../support/mongo.ts';

const AT = new Date('2026-09-14T08:00:00Z');
const COMPOSED: ComposedJob = {
  rootHex: '0'.repeat(64),
  size: 1,
  generatedAt: AT,
  jsonSha256Hex: '0'.repeat(64),
  pdfSha256Hex: null,
  pdfStatement: null,
  statement: null,
  fileId: 'x',
  bytes: 1,
  sha256Hex: '0'.repeat(64),
};

async function insert(jobs: ReportJobs, accountId: string, at: Date): Promise<string> {
  const id = newId('report');
  const window = { since: AT, until: AT, tz: 'UTC', period: null };
  const subject = { scope: 'account', window } as const;
  const asked = { userId: 'usr_1', userName: 'Ada', paper: 'letter' } as const;
  await jobs.insert(accountId, { id, ...asked, subject, exceptions: 'refuse', format: 'json' }, at);
  return id;
}

async function makeReady(
  jobs: ReportJobs,
  accountId: string,
  id: string,
  expiresAt: Date,
  sign: SignStatement = SIGN_NOTHING,
): Promise<void> {
  const job = await jobs.begin(accountId, id, AT);
  assert.ok(job);
  const stated = { reportId: id, sha256Hex: COMPOSED.jsonSha256Hex, generatedAt: presentTime(AT) };
  const statement = await sign(accountId, { subject: 'report', ...stated });
  const { entryStatement } = await signEntry(sign, accountId, entryOf(job, COMPOSED));
  const isSigned = entryStatement !== undefined;
  await jobs.settle(accountId, id, { ...COMPOSED, statement, ...(isSigned && { entryStatement }) });
  assert.ok(await jobs.finish(accountId, id, AT, expiresAt));
}

test('the jobs of an account', async (t) => {
  const { db } = await openTestDatabase(t);
  const jobs = createReportJobs(db, null);
  const accountId = newId('account');
  const ids: string[] = [];
  for (let i = 0; i < 4; i += 1) ids.push(await insert(jobs, accountId, new Date(AT.getTime() + i)));
  const [queued, ready, expiring, expired] = ids as [string, string, string, string];
  const later = new Date(AT.getTime() + 60_000);
  await makeReady(jobs, accountId, ready, later);
  await makeReady(jobs, accountId, expiring, AT);
  await makeReady(jobs, accountId, expired, later);
  await jobs.cancel(accountId, expired, AT);
  const foreign = await insert(jobs, newId('account'), AT);

  await t.test(
    'are listed newest first, without those whose bytes are removed, up to the limit',
    async () => {
      const list = async (limit: number) => (await jobs.list(accountId, limit)).map(({ id }) => id);
      assert.deepEqual(await list(10), [expiring, ready, queued]);
      assert.deepEqual(await list(2), [expiring, ready]);
    },
  );

  await t.test('are found by their ids while their bytes are kept', async () => {
    const found = await jobs.findReady(accountId, [...ids, foreign], AT);
    assert.deepEqual([...found.keys()], [ready]);
    assert.equal((await jobs.findReady(accountId, [], AT)).size, 0);
  });

  await t.test('are passed over where no order made their row', async () => {
    const rows = db.collection<Record<string, unknown> & { _id: string }>('report_jobs');
    const row = await rows.findOne({ _id: ready });
    const odd = newId('report');
    await rows.insertOne({ ...row, _id: odd, format: 7 });
    assert.ok(!(await jobs.list(accountId, 10)).some(({ id }) => id === odd));
    assert.ok(!(await jobs.findReady(accountId, [odd], AT)).has(odd));
    const before = await jobs.countUnfinished(accountId);
    await rows.updateOne({ _id: odd }, { $set: { status: 'queued', ordered_at: new Date('2099-01-01') } });
    assert.deepEqual(
      (await jobs.list(accountId, 1)).map(({ id }) => id),
      [expiring],
    );
    assert.equal(await jobs.countUnfinished(accountId), before);
    await rows.deleteOne({ _id: odd });
  });

  await t.test('are failed, and not kept for anybody, once their order is not the signed one', async () => {
    const signing = openSigning(TEST_SIGNING);
    const signed = createReportJobs(db, signing);
    const mine = newId('account');
    const id = await insert(signed, mine, AT);
    await makeReady(signed, mine, id, later, createStatementSigner(signing));
    assert.equal((await signed.find(mine, id))?.status, 'ready');
    assert.ok((await signed.findReady(mine, [id], AT)).has(id));
    const rows = db.collection<Record<string, unknown> & { _id: string }>('report_jobs');
    await rows.updateOne({ _id: id }, { $set: { user_name: 'Grace' } });
    const [found] = await signed.list(mine, 10);
    assert.deepEqual([found?.status, found?.error?.reason], ['failed', 'stored_order']);
    assert.equal(found?.error?.message, found?.orderFault);
    assert.equal((await signed.findReady(mine, [id], AT)).size, 0);
    const unsigned = await insert(jobs, mine, AT);
    assert.equal((await signed.begin(mine, unsigned, AT))?.error?.reason, 'stored_order');
  });

  await t.test('are failed whose composed report bears no signature', async () => {
    const signed = createReportJobs(db, openSigning(TEST_SIGNING));
    const mine = newId('account');
    const id = await insert(signed, mine, AT);
    await makeReady(signed, mine, id, later);
    const found = await signed.find(mine, id);
    assert.deepEqual([found?.status, found?.error?.reason], ['failed', 'stored_bytes']);
    assert.equal(found?.orderFault, null);
    assert.equal((await signed.findReady(mine, [id], AT)).size, 0);
  });

  await t.test('are cancelled while they wait or run, and by no other account', async () => {
    assert.equal(await jobs.cancelUnfinished(newId('account'), queued, AT), false);
    assert.equal(await jobs.cancelUnfinished(accountId, ready, AT), false);
    assert.equal((await jobs.find(accountId, ready))?.status, 'ready');
    assert.equal(await jobs.cancelUnfinished(accountId, queued, AT), true);
    assert.equal((await jobs.find(accountId, queued))?.error?.code, 'cancelled');
  });
});
