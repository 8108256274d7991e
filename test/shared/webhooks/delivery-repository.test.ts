import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { createLogWorld } from '../../support/audit-world.ts';

it('a row of a message under another key is neither claimed nor listed', async (t) => {
  const { db } = await createLogWorld(t);
  const deliveries = createDeliveryRepository(db);
  const [accountId, webhookId, messageId] = [newId('account'), newId('webhook'), newId('message')];
  const event = { type: 'session.closed', data: { session_id: newId('session') } } as never;
  const now = new Date();
  await deliveries.insert(accountId, webhookId, { messageId, event }, now);
  const rows = db.collection('webhook_deliveries');
  const { _id, ...row } = (await rows.findOne())!;
  const other = { ...row, message_id: newId('message'), next_at: new Date(now.getTime() - 1_000) };
  await rows.insertOne({ ...other, _id: 'x' as never });
  const claim = () => deliveries.claim(accountId, webhookId, now, new Date(now.getTime() + 20_000));
  assert.equal((await claim())?.messageId, messageId);
  assert.equal(await claim(), null);
  const listed = await deliveries.list(accountId, webhookId, { after: null, limit: 10 });
  assert.deepEqual(
    listed.map((each) => each.messageId),
    [messageId],
  );
});
