import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { createFleetDeliveries } from '../../../shared/webhooks/fleet-deliveries.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('a webhook with messages is found, whatever rows with other ids stand before it', async (t) => {
  const { db } = await openTestDatabase(t);
  const [accountId, webhookId] = [newId('account'), newId('webhook')];
  const odd = [
    ...['x', 5, { a: 1 }, [accountId]].map((account_id) => ({ account_id, webhook_id: webhookId })),
    ...['x', 5, { a: 1 }, [webhookId]].map((webhook_id) => ({ account_id: accountId, webhook_id })),
  ];
  const due = { state: 'pending', next_at: new Date(0) };
  await db.collection('webhook_deliveries').insertMany(odd.map((ids) => ({ ...ids, ...due })));
  const event = { type: 'session.closed', data: { session_id: newId('session') } } as never;
  const messageId = newId('message');
  await createDeliveryRepository(db).insert(accountId, webhookId, { messageId, event });
  assert.deepEqual(await createFleetDeliveries(db).listDue(new Date(), 1), [{ accountId, webhookId }]);
});
