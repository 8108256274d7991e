// A delivery: one message to one webhook, with the attempts that were made.
import { isId } from '../audit/ids.ts';
import { isTime } from '../time/is-time.ts';
import type { WebhookEvent } from './events.ts';

/** Why an attempt got no answer. `address`: the host has an address that is not public. `broken`: the connection broke. */
export const ATTEMPT_ERRORS = ['timeout', 'dns', 'address', 'tls', 'connection', 'broken'] as const;

/** One of `ATTEMPT_ERRORS`. */
export type AttemptError = (typeof ATTEMPT_ERRORS)[number];

/** An attempt: the status of the answer, or why there was none. */
export type Attempt = Readonly<{
  at: Date;
  status: number | null;
  error: AttemptError | null;
  durationMs: number;
}>;

/** `pending`: to be sent, now or again. `delivered`: answered 2xx. `dead`: given up. */
export const DELIVERY_STATES = ['pending', 'delivered', 'dead'] as const;

/** One of `DELIVERY_STATES`. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** A message to a webhook. `messageId` is `msg_…`. */
export type Delivery = Readonly<{
  accountId: string;
  webhookId: string;
  messageId: string;
  event: WebhookEvent;
  createdAt: Date;
  state: DeliveryState;
  /** When it is sent next; null where it is not pending. */
  nextAt: Date | null;
  /** The last 50, oldest first. */
  attempts: readonly Attempt[];
}>;

/** Names a webhook. */
export type WebhookRef = Readonly<{ accountId: string; webhookId: string }>;

/** A delivery in MongoDB. */
export type StoredDelivery = {
  /** `webhook_id`, `.`, `message_id`. */
  _id: string;
  account_id: string;
  webhook_id: string;
  message_id: string;
  type: string;
  /** Ids and counts only. */
  data: Record<string, string | number>;
  created_at: Date;
  state: DeliveryState;
  next_at: Date | null;
  attempts: { at: Date; status: number | null; error: AttemptError | null; duration_ms: number }[];
};

/** The `_id` of a delivery. */
export function deliveryKey(webhookId: string, messageId: string): string {
  return `${webhookId}.${messageId}`;
}

/** A row as the program uses it; null for one that `insert` and `record` did not make: anybody's row may hold any type. */
export function readDelivery(row: StoredDelivery): Delivery | null {
  // An attempt is recorded under the key: a row of another `_id` would be sent again and again.
  if (row._id !== deliveryKey(row.webhook_id, row.message_id)) return null;
  if (!isId('message', row.message_id) || typeof row.type !== 'string' || !isPlain(row.data)) return null;
  if (!isTime(row.created_at) || !(row.next_at === null || isTime(row.next_at))) return null;
  if (!DELIVERY_STATES.includes(row.state)) return null;
  if (!Array.isArray(row.attempts) || !row.attempts.every(isAttempt)) return null;
  return {
    accountId: row.account_id,
    webhookId: row.webhook_id,
    messageId: row.message_id,
    event: { type: row.type, data: row.data } as WebhookEvent,
    createdAt: row.created_at,
    state: row.state,
    nextAt: row.next_at,
    attempts: row.attempts.map(({ duration_ms: durationMs, ...attempt }) => ({ ...attempt, durationMs })),
  };
}

function isPlain(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  return Object.values(data).every((value) => typeof value === 'string' || Number.isSafeInteger(value));
}

function isAttempt(attempt: Partial<StoredDelivery['attempts'][number]> | null): boolean {
  if (typeof attempt !== 'object' || attempt === null) return false;
  const { at, status, error, duration_ms: durationMs } = attempt;
  return (
    isTime(at) &&
    (status === null || Number.isSafeInteger(status)) &&
    (error === null || ATTEMPT_ERRORS.some((known) => known === error)) &&
    Number.isSafeInteger(durationMs)
  );
}
