import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createOldestDue } from '../../../shared/reports/oldest-due.ts';
import { toJobRow } from '../../../shared/reports/report-job.ts';
import { MINUTE_MS } from '../../../shared/time/durations.ts';
import { farDate } from '../../support/far-date.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('an account log that waits is found, whatever times to come its head says', async (t) => {
  const { db } = await openTestDatabase(t);
  const { findEntry } = createOldestDue(db);
  const accountId = newId('account');
  const since = new Date(Date.now() - 9 * MINUTE_MS);
  const row = { account_id: accountId, generated_at: since, log_due: true, statement: 'a note\n' };
  await db.collection<{ _id: string }>('reports').insertOne({ _id: newId('report'), ...row } as never);
  const heads = db.collection<{ _id: string }>('account_logs');
  const [signed, year2099] = [new Date(since.getTime() + MINUTE_MS), new Date('2099-01-01')];
  for (const [head, expected] of [
    [{ due_at: year2099 }, since],
    [{ checkpoint: { size: 1, signed_at: year2099 } }, since],
    [{ checkpoint: { size: 1, signed_at: signed }, due_at: year2099 }, signed],
  ] as const) {
    await heads.replaceOne({ _id: accountId }, head as never, { upsert: true });
    assert.deepEqual(await findEntry(), expected, JSON.stringify(head));
  }
});

test('an account log that waits is found, whatever times other due rows have', async (t) => {
  const { db } = await openTestDatabase(t);
  const { findEntry } = createOldestDue(db);
  const policies = db.collection<{ _id: string }>('policies');
  const [accountId, since] = [newId('account'), new Date(Date.now() - 9 * MINUTE_MS)];
  await policies.insertOne({ _id: 'due', account_id: accountId, stored_at: since, log_due: true } as never);
  for (const stored_at of [farDate(), farDate(-9e15), [new Date(0)], [farDate()], 'x', 5])
    for (const account_id of [accountId, 'zzy']) {
      const odd = { account_id, version: 2, stored_at, log_due: true };
      await policies.replaceOne({ _id: 'odd' }, odd as never, { upsert: true });
      assert.deepEqual(await findEntry(), since, `${account_id} ${String(stored_at)}`);
    }
});

test('a report that waits is found, whatever rows somebody put beside it', async (t) => {
  const { db } = await openTestDatabase(t);
  const { findReport } = createOldestDue(db);
  const rows = db.collection<{ _id: string }>('report_jobs');
  const at = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS);
  const window = { since: at(90), until: at(80), tz: 'UTC', period: null };
  const asked = { userId: newId('user'), userName: 'Ada', exceptions: 'refuse', format: 'json' } as const;
  const add = (status: string, touched_at: Date) => {
    const order = { id: newId('report'), accountId: newId('account'), ...asked, paper: 'a4' } as const;
    const row = toJobRow({ ...order, subject: { scope: 'account', window }, orderedAt: at(60) }, null);
    return rows.insertOne({ ...row, status, touched_at } as never);
  };
  const junk = (status: string, touched_at: Date) =>
    rows.insertOne({ _id: `junk-${status}`, status, touched_at } as never);
  await junk('queued', at(99));
  await add('queued', [at(98)] as never);
  assert.equal(await findReport(), null);
  const since = at(9);
  await add('queued', since);
  await add('running', new Date('2099-01-01'));
  await junk('running', at(0));
  assert.deepEqual(await findReport(), since);
  const running = at(1);
  await add('running', running);
  assert.deepEqual(await findReport(), running);
});
