import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { createStrayTeller } from '../../../shared/webhooks/tell-stray.ts';
import { createWebhookRepository } from '../../../shared/webhooks/webhook-repository.ts';
import { createLogWorld } from '../../support/audit-world.ts';

it('a row of a message under another key is neither claimed nor listed, and is named', async (t) => {
  const { db } = await createLogWorld(t);
  const told: object[] = [];
  const tellStray = createStrayTeller({ warn: (about: object) => void told.push(about) } as never);
  const deliveries = createDeliveryRepository(db, tellStray);
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
  const put = (await rows.findOne({ _id: 'x' as never }))?.next_at as Date;
  assert.equal(put.getTime() - now.getTime(), 86_400_000);
  const listed = await deliveries.list(accountId, webhookId, { after: null, limit: 10 });
  assert.deepEqual(
    listed.map((each) => each.messageId),
    [messageId],
  );
  const about = { account_id: accountId, webhook_id: webhookId, message_id: other.message_id };
  assert.deepEqual(told, [{ collection: 'webhook_deliveries', ...about }]);
});

it('a row of a webhook under what is no id is not listed, and is named once, by ids alone', async (t) => {
  const { db } = await createLogWorld(t);
  const told: object[] = [];
  const tellStray = createStrayTeller({ warn: (about: object) => void told.push(about) } as never);
  const webhooks = createWebhookRepository(db, tellStray);
  const accountId = newId('account');
  const draft = { url: 'https://a.example/', events: ['session.closed'], description: '' } as const;
  const made = await webhooks.create(accountId, draft);
  const rows = db.collection<{ _id: string }>('webhooks');
  const { _id, ...row } = (await rows.findOne())!;
  await rows.insertOne({ ...row, _id: 'Ada Lovelace' });
  for (let i = 0; i < 2; i += 1) {
    for (const limit of [1, 10])
      assert.deepEqual(await webhooks.list(accountId, { afterId: null, limit }), [made?.webhook]);
  }
  assert.deepEqual(told, [{ collection: 'webhooks', account_id: accountId }]);
  await rows.updateOne({ _id }, { $set: { url: 5 } as object });
  assert.equal(await webhooks.find(accountId, _id), null);
  assert.deepEqual(told.at(-1), { collection: 'webhooks', account_id: accountId, webhook_id: _id });
});
