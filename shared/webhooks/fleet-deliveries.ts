// The deliveries of all accounts, for the sweep.
import type { Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { StoredDelivery, WebhookRef } from './delivery.ts';
import { WEBHOOK_DELIVERIES } from './delivery-repository.ts';

/** The deliveries of all accounts. */
export type FleetDeliveries = ReturnType<typeof createFleetDeliveries>;

type Due = { _id: { account: string; webhook: string } };

/** All methods reject with the driver's error when the database does not answer. */
export function createFleetDeliveries(db: Db) {
  const deliveries = db.collection<StoredDelivery>(WEBHOOK_DELIVERIES);

  return {
    /** The webhooks with messages that are due at a time, at most `limit`. */
    async listDue(now: Date, limit: number): Promise<WebhookRef[]> {
      const rows = await deliveries
        .aggregate<Due>([
          { $match: { state: 'pending', next_at: { $lte: now } } },
          {
            $group: { _id: { account: '$account_id', webhook: '$webhook_id' }, first: { $min: '$next_at' } },
          },
          { $sort: { first: 1 } },
          { $limit: limit },
        ])
        .toArray();
      // A row may hold anything: whoever writes to the database can leave one.
      return rows
        .map(({ _id: { account, webhook } }) => ({ accountId: account, webhookId: webhook }))
        .filter(({ accountId, webhookId }) => isId('account', accountId) && isId('webhook', webhookId));
    },
  };
}
