import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageGauges } from '../../../shared/webhooks/message-gauges.ts';
import { farDate } from '../../support/far-date.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('the oldest message is found, whatever times other rows have', async (t) => {
  const { db } = await openTestDatabase(t);
  const since = new Date(1000);
  const times = [since, new Date(2000), farDate(), farDate(-9e15), [new Date(0)], 'x', 5];
  const rows = times.map((created_at) => ({ state: 'pending', created_at }));
  await db.collection('webhook_deliveries').insertMany(rows as object[]);
  const { oldest } = await createMessageGauges(db).countPending();
  assert.deepEqual(oldest, since);
});
