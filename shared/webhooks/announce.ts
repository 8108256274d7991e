// Tells an account's webhooks of an event. The messages are in the database when it resolves; who sends them is told
// after that, and the sweep finds them where that was lost.
import type { Db } from 'mongodb';
import type { WebhookRef } from './delivery.ts';
import { createDeliveryRepository } from './delivery-repository.ts';
import { messageIdOf, type WebhookEvent } from './events.ts';
import { createWebhookRepository, WEBHOOK_LIMIT, type Webhook } from './webhook-repository.ts';

/** Tells of events. */
export type Announcer = Readonly<{
  /**
   * Stores a message for each webhook of the account that takes the event. `occurrence` tells this event from all others
   * of its type: told of a second time, it adds nothing. Rejects with the driver's error.
   */
  announce(accountId: string, event: WebhookEvent, occurrence: string): Promise<void>;
  /** To be called when an account's webhooks change: this process then sees it at once, others within two seconds. */
  forget(accountId: string): void;
}>;

/** Most accounts have no webhook: so long one look serves all events of an account. */
const REMEMBERED_MS = 2_000;
const ACCOUNTS_REMEMBERED = 1_000;

type Known = Readonly<{ untilMs: number; webhooks: Promise<readonly Webhook[]> }>;

/** `queue` has a webhook's messages sent. It must neither throw nor wait. */
export function createAnnouncer(db: Db, queue: (ref: WebhookRef) => void): Announcer {
  const webhooks = createWebhookRepository(db);
  const deliveries = createDeliveryRepository(db);
  const known = new Map<string, Known>();

  function listFor(accountId: string): Promise<readonly Webhook[]> {
    const now = performance.now();
    const found = known.get(accountId);
    if (found && found.untilMs > now) return found.webhooks;
    if (known.size >= ACCOUNTS_REMEMBERED) known.clear();
    const listed = webhooks.list(accountId, { afterId: null, limit: WEBHOOK_LIMIT });
    known.set(accountId, { untilMs: now + REMEMBERED_MS, webhooks: listed });
    listed.catch(() => known.delete(accountId));
    return listed;
  }

  return {
    async announce(accountId, event, occurrence) {
      const listed = await listFor(accountId);
      const messageId = messageIdOf(accountId, event.type, occurrence);
      for (const { id: webhookId, events, disabledAt } of listed) {
        if (disabledAt !== null || !events.some((type) => type === event.type)) continue;
        const isNew = await deliveries.insert(accountId, webhookId, { messageId, event });
        if (isNew) queue({ accountId, webhookId });
      }
    },
    forget: (accountId) => void known.delete(accountId),
  };
}
