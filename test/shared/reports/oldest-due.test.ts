import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createOldestDue } from '../../../shared/reports/oldest-due.ts';
import { MINUTE_MS } from '../../../shared/time/durations.ts';
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
