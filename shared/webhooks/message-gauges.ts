// Numbers over all accounts' messages to webhooks, for the metrics.
import type { Db } from 'mongodb';
import { findEarliest } from '../mongo/earliest.ts';
import type { StoredDelivery } from './delivery.ts';
import { WEBHOOK_DELIVERIES } from './delivery-repository.ts';

/** Numbers that name no account. */
export type MessageGauges = ReturnType<typeof createMessageGauges>;

/** Rejects with the driver's error when the database does not answer. */
export function createMessageGauges(db: Db) {
  const deliveries = db.collection<StoredDelivery>(WEBHOOK_DELIVERIES);
  return {
    /** How many messages are pending, and when the oldest of them was made. */
    async countPending(): Promise<Readonly<{ pending: number; oldest: Date | null }>> {
      const filter = { state: 'pending' } as const;
      const [pending, oldest] = await Promise.all([
        deliveries.countDocuments(filter),
        findEarliest(deliveries, filter, 'created_at'),
      ]);
      return { pending, oldest };
    },
  };
}
