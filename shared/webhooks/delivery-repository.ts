// The deliveries of an account. They are stored before any job is queued, so a Redis that is lost loses none.
import type { Db } from 'mongodb';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { DAY_MS } from '../time/durations.ts';
import { type Attempt, type Delivery, deliveryKey, readDelivery, type StoredDelivery } from './delivery.ts';
import type { WebhookEvent } from './events.ts';
import type { TellStray } from './tell-stray.ts';

/** Name of the collection. */
export const WEBHOOK_DELIVERIES = 'webhook_deliveries';

const KEPT_S = (30 * DAY_MS) / 1_000;

/** Attempts that are kept of a message. */
const ATTEMPTS_KEPT = 50;

/** Indexes of the collection. */
export const WEBHOOK_DELIVERY_INDEXES: readonly IndexSpec[] = [
  { collection: WEBHOOK_DELIVERIES, key: { account_id: 1, webhook_id: 1, created_at: -1, _id: -1 } },
  { collection: WEBHOOK_DELIVERIES, key: { account_id: 1, webhook_id: 1, state: 1, next_at: 1 } },
  // The sweep's list, and the metrics.
  { collection: WEBHOOK_DELIVERIES, key: { state: 1, next_at: 1 } },
  { collection: WEBHOOK_DELIVERIES, key: { state: 1, created_at: 1 } },
  { collection: WEBHOOK_DELIVERIES, key: { created_at: 1 }, expireAfterSeconds: KEPT_S },
];

/** A place in a webhook's list. */
export type DeliveryPlace = Readonly<{ createdAt: Date; messageId: string }>;

/** The deliveries of all accounts. */
export type DeliveryRepository = ReturnType<typeof createDeliveryRepository>;

/**
 * All methods reject with the driver's error when the database does not answer. `tellStray` is told of each row that no
 * message made.
 */
export function createDeliveryRepository(db: Db, tellStray: TellStray = () => {}) {
  const deliveries = db.collection<StoredDelivery>(WEBHOOK_DELIVERIES);
  const read = (row: StoredDelivery): Delivery | null => {
    const delivery = readDelivery(row);
    if (delivery) return delivery;
    const { account_id: accountId, webhook_id: webhookId, message_id: messageId } = row;
    tellStray(WEBHOOK_DELIVERIES, { accountId, webhookId, messageId });
    return null;
  };

  return {
    /** Stores a message that is to be sent at once. False, and nothing is written, where the webhook has had it. */
    async insert(
      accountId: string,
      webhookId: string,
      { messageId, event }: Pick<Delivery, 'messageId' | 'event'>,
      now: Date = new Date(),
    ): Promise<boolean> {
      const { type, data } = event satisfies WebhookEvent;
      return await insertRow(deliveries, {
        _id: deliveryKey(webhookId, messageId),
        account_id: accountId,
        webhook_id: webhookId,
        message_id: messageId,
        type,
        data,
        created_at: now,
        state: 'pending',
        next_at: now,
        attempts: [],
      });
    },

    /**
     * A message of the webhook that is due, whose next attempt is put off to `until`: no other worker takes it before.
     * Null where none is due.
     */
    async claim(accountId: string, webhookId: string, now: Date, until: Date): Promise<Delivery | null> {
      for (;;) {
        const row = await deliveries.findOneAndUpdate(
          { account_id: accountId, webhook_id: webhookId, state: 'pending', next_at: { $lte: now } },
          { $set: { next_at: until } },
          { sort: { next_at: 1 }, returnDocument: 'after' },
        );
        const delivery = row && read(row);
        if (!row || delivery) return delivery;
        // A row that no message made is put off for a day: any number of them would come before the messages again and again.
        const next_at = new Date(now.getTime() + DAY_MS);
        await deliveries.updateOne({ _id: row._id, state: 'pending' }, { $set: { next_at } });
      }
    },

    /** Gives a claimed message back, to be sent at once. */
    async giveBack({ accountId, webhookId, messageId, nextAt }: Delivery, now: Date): Promise<void> {
      await deliveries.updateOne(
        { _id: deliveryKey(webhookId, messageId), account_id: accountId, state: 'pending', next_at: nextAt },
        { $set: { next_at: now } },
      );
    },

    /** Records an attempt, and what follows from it: `next` is `delivered`, `dead`, or the time of the next attempt. */
    async record(
      { accountId, webhookId, messageId }: Delivery,
      { durationMs: duration_ms, ...attempt }: Attempt,
      next: 'delivered' | 'dead' | Date,
    ): Promise<void> {
      const outcome =
        next instanceof Date
          ? ({ state: 'pending', next_at: next } as const)
          : { state: next, next_at: null };
      // An attempt that was taken for lost may come in after another one, which was delivered: that stands.
      const open = next === 'delivered' ? {} : ({ state: 'pending' } as const);
      await deliveries.updateOne(
        { _id: deliveryKey(webhookId, messageId), account_id: accountId, ...open },
        {
          $set: outcome,
          $push: { attempts: { $each: [{ ...attempt, duration_ms }], $slice: -ATTEMPTS_KEPT } },
        },
      );
    },

    /** Gives up what a webhook has still to get. */
    async abandon(accountId: string, webhookId: string): Promise<void> {
      await deliveries.updateMany(
        { account_id: accountId, webhook_id: webhookId, state: 'pending' },
        { $set: { state: 'dead', next_at: null } },
      );
    },

    /** Has a message sent at once, whatever its state. False where the webhook has had no such message. */
    async retry(
      accountId: string,
      webhookId: string,
      messageId: string,
      now: Date = new Date(),
    ): Promise<boolean> {
      const found = await deliveries.updateOne(
        { _id: deliveryKey(webhookId, messageId), account_id: accountId },
        { $set: { state: 'pending', next_at: now } },
      );
      return found.matchedCount === 1;
    },

    /** The webhook's messages after a place, newest first, at most `limit`. Passes over rows that no message made. */
    async list(
      accountId: string,
      webhookId: string,
      { after, limit }: Readonly<{ after: DeliveryPlace | null; limit: number }>,
    ): Promise<Delivery[]> {
      const rows = deliveries
        .find({
          account_id: accountId,
          webhook_id: webhookId,
          ...(after && {
            $or: [
              { created_at: { $lt: after.createdAt } },
              { created_at: after.createdAt, _id: { $lt: deliveryKey(webhookId, after.messageId) } },
            ],
          }),
        })
        .sort({ created_at: -1, _id: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit + 1);
      return await readPage(rows, read, limit);
    },

    /** Removes the messages of a webhook that is removed. */
    async removeAll(accountId: string, webhookId: string): Promise<void> {
      await deliveries.deleteMany({ account_id: accountId, webhook_id: webhookId });
    },
  };
}
