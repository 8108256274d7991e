// The deliveries of all accounts, for the sweep.
import type { Db } from 'mongodb';
import { ID_PATTERNS } from '../audit/ids.ts';
import type { StoredDelivery, WebhookRef } from './delivery.ts';
import { WEBHOOK_DELIVERIES } from './delivery-repository.ts';

/** The deliveries of all accounts. */
export type FleetDeliveries = ReturnType<typeof createFleetDeliveries>;

/**
 * Whoever writes to the database can leave rows with any ids: as many as the limit would stand in front of all others for
 * ever. A pattern finds one among a list of texts, too.
 */
const WITH_IDS = {
  account_id: ID_PATTERNS.account,
  webhook_id: ID_PATTERNS.webhook,
  $nor: ['account_id', 'webhook_id'].map((name) => ({ [name]: { $type: 'array' } })),
};

type Due = { _id: { account: string; webhook: string } };

/** All methods reject with the driver's error when the database does not answer. */
export function createFleetDeliveries(db: Db) {
  const deliveries = db.collection<StoredDelivery>(WEBHOOK_DELIVERIES);

  return {
    /** The webhooks with messages that are due at a time, at most `limit`. */
    async listDue(now: Date, limit: number): Promise<WebhookRef[]> {
      const rows = await deliveries
        .aggregate<Due>([
          { $match: { state: 'pending', next_at: { $lte: now }, ...WITH_IDS } },
          {
            $group: { _id: { account: '$account_id', webhook: '$webhook_id' }, first: { $min: '$next_at' } },
          },
          { $sort: { first: 1 } },
          { $limit: limit },
        ])
        .toArray();
      return rows.map(({ _id: { account, webhook } }) => ({ accountId: account, webhookId: webhook }));
    },
  };
}
