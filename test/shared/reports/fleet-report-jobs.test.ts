// The lists of the sweep, beside rows that nobody can take.
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createFleetReportJobs } from '../../../shared/reports/fleet-report-jobs.ts';
import { type StoredReportJob, toJobRow } from '../../../shared/reports/report-job.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { openTestDatabase } from '../../support/mongo.ts';

const { db } = await openTestDatabase({ after });
const rows = db.collection<{ _id: string }>('report_jobs');
const jobs = createFleetReportJobs(db);
const NOW = new Date();
const before = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);
const YEAR_2099 = new Date('2099-01-01');

async function add(fields: Partial<StoredReportJob> = {}): Promise<string> {
  const window = { since: before(9), until: before(8), tz: 'UTC', period: null };
  const asked = { userId: newId('user'), userName: 'Ada', exceptions: 'refuse', format: 'json' } as const;
  const order = { id: newId('report'), accountId: newId('account'), ...asked, paper: 'a4' } as const;
  const row = toJobRow({ ...order, subject: { scope: 'account', window }, orderedAt: before(2) }, null);
  await rows.insertOne({ ...row, ...fields } as never);
  return order.id;
}

/** More rows than the limits below, each older than any order, that no order made. */
async function addOdd(fields: object): Promise<void> {
  const row = { account_id: 'acc_x', touched_at: before(99), expires_at: before(99), ...fields };
  await rows.insertMany(Array.from({ length: 12 }, (_, i) => ({ ...row, _id: `junk-${i}` })));
  await rows.insertOne({ ...row, _id: newId('report'), account_id: [newId('account')] } as never);
}

const idsOf = (found: readonly { reportId: string }[]) => found.map(({ reportId }) => reportId);

describe('rows that no order made', () => {
  beforeEach(async () => {
    await rows.deleteMany({});
  });

  it('keep no lost order from being found, and the first are told', async () => {
    await addOdd({ status: 'queued' });
    for (const odd of [{ attempts: 'x' }, { format: 7 }, { touched_at: '2020' }])
      await add({ touched_at: before(98), ...(odd as object) });
    const [first, second] = [await add(), await add({ status: 'running', touched_at: before(1) })];
    await add({ touched_at: NOW });
    const { idle, odd } = await jobs.listIdle(before(0.5), NOW, 5);
    assert.deepEqual(idsOf(idle), [first, second]);
    assert.equal(odd.length, 10);
    const named = odd.find(({ id }) => id === 'junk-0');
    assert.deepEqual(named, { id: 'junk-0', accountId: 'acc_x' });
    assert.deepEqual(idsOf((await jobs.listIdle(before(0.5), NOW, 1)).idle), [first]);
    assert.equal((await Array.fromAsync(jobs.listOdd())).length, 16);
  });

  it('keep no report from expiring or from being cleaned', async () => {
    await addOdd({ status: 'ready' });
    const ready = await add({ status: 'ready', expires_at: before(1) });
    assert.deepEqual(idsOf(await jobs.expire(NOW, 5)), [ready]);
    await rows.deleteMany({});
    await addOdd({ status: 'failed' });
    const failed = await add({ status: 'failed' });
    assert.deepEqual(idsOf(await jobs.listToClean(before(1), 5)), [failed]);
  });
});

describe('an order with a time to come', () => {
  it('is found as one that was lost', async () => {
    await rows.deleteMany({});
    const id = await add({ touched_at: YEAR_2099 });
    assert.deepEqual(idsOf((await jobs.listIdle(before(1), NOW, 5)).idle), [id]);
  });
});
