// Sends a webhook the messages that are due. Each is claimed before it is sent, so two workers do not send it at once; a
// worker that dies leaves its claims, which run out.
import type { Db } from 'mongodb';
import type { Logger } from 'pino';
import { type AccountRepository, createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import type { Delivery, WebhookRef } from '../../shared/webhooks/delivery.ts';
import {
  createDeliveryRepository,
  type DeliveryRepository,
} from '../../shared/webhooks/delivery-repository.ts';
import { createFleetDeliveries, type FleetDeliveries } from '../../shared/webhooks/fleet-deliveries.ts';
import { resolverFor } from '../../shared/webhooks/public-address.ts';
import { nextAttemptAt } from '../../shared/webhooks/retry-times.ts';
import { signMessage } from '../../shared/webhooks/sign-message.ts';
import { createStrayTeller } from '../../shared/webhooks/tell-stray.ts';
import {
  createWebhookRepository,
  type Webhook,
  type WebhookRepository,
} from '../../shared/webhooks/webhook-repository.ts';
import { type Outcome, type PostOptions, postMessage } from './post-message.ts';

/** Requests to one webhook at once. */
const LANES = 4;
/** Longer than an attempt can take. */
const CLAIM_MS = 20_000;
/** A webhook with more to send takes its turn again, behind the others. */
const TURN_MS = 15_000;

const GONE = 410;

/** What was sent to a webhook. */
export type Sent = Readonly<{ delivered: number; failed: number; dead: number }>;

export type WebhookSender = Readonly<{
  fleet: FleetDeliveries;
  /** Sends what is due, for a quarter of a minute at most. Rejects with the signal's reason when it aborts. */
  sendDue(ref: WebhookRef, signal: AbortSignal): Promise<Sent>;
}>;

type Deps = Readonly<{
  /** A deleted account's events go nowhere. */
  accounts: Pick<AccountRepository, 'findActive'>;
  webhooks: WebhookRepository;
  deliveries: DeliveryRepository;
  post: PostOptions;
}>;

export function createWebhookSender(
  db: Db,
  {
    allowPrivate,
    resolve = resolverFor(allowPrivate),
    log,
    ...post
  }: Partial<PostOptions> & Pick<PostOptions, 'allowPrivate'> & Readonly<{ log: Pick<Logger, 'warn'> }>,
): WebhookSender {
  const tellStray = createStrayTeller(log);
  const deps: Deps = {
    accounts: createAccountRepository(db),
    webhooks: createWebhookRepository(db, tellStray),
    deliveries: createDeliveryRepository(db, tellStray),
    post: { allowPrivate, resolve, ...post },
  };
  return {
    fleet: createFleetDeliveries(db),
    sendDue: (ref, signal) => sendDue(deps, ref, signal),
  };
}

async function sendDue(deps: Deps, ref: WebhookRef, signal: AbortSignal): Promise<Sent> {
  if (!(await deps.accounts.findActive(ref.accountId))) {
    await deps.deliveries.abandon(ref.accountId, ref.webhookId);
    return { delivered: 0, failed: 0, dead: 0 };
  }
  const sent = { delivered: 0, failed: 0, dead: 0 };
  const endMs = performance.now() + TURN_MS;
  const lane = async () => {
    while (performance.now() < endMs) {
      signal.throwIfAborted();
      const result = await sendNext(deps, ref, signal);
      if (result === null) return;
      if (result !== 'delivered') sent.failed += 1;
      if (result !== 'failed') sent[result] += 1;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const each of lanes) if (each.status === 'rejected') throw each.reason;
  return sent;
}

/** Null where nothing is due. */
async function sendNext(
  deps: Deps,
  { accountId, webhookId }: WebhookRef,
  signal: AbortSignal,
): Promise<'delivered' | 'failed' | 'dead' | null> {
  const { webhooks, deliveries } = deps;
  const now = new Date();
  const delivery = await deliveries.claim(accountId, webhookId, now, new Date(now.getTime() + CLAIM_MS));
  if (!delivery) return null;
  const webhook = await webhooks.find(accountId, webhookId);
  if (!webhook || webhook.disabledAt !== null) {
    await deliveries.abandon(accountId, webhookId);
    return null;
  }
  const startedAt = performance.now();
  const outcome = await attempt(deps, webhook, delivery, now, signal);
  const durationMs = Math.round(performance.now() - startedAt);
  const next = whatFollows(delivery, outcome, new Date());
  await deliveries.record(delivery, { at: now, ...outcome, durationMs }, next);
  if (outcome.status === GONE) {
    await webhooks.disable(accountId, webhookId, new Date());
    await deliveries.abandon(accountId, webhookId);
  }
  return next instanceof Date ? 'failed' : next;
}

async function attempt(
  { webhooks, deliveries, post }: Deps,
  { accountId, id, url }: Webhook,
  delivery: Delivery,
  now: Date,
  signal: AbortSignal,
): Promise<Outcome> {
  const { event, messageId, createdAt } = delivery;
  const body = JSON.stringify({ type: event.type, timestamp: presentTime(createdAt), data: event.data });
  const secrets = await webhooks.findSecrets(accountId, id, now);
  // Somebody changed the webhook's row: until it has a new secret, nothing can be sent that its receiver would take.
  if (secrets.length === 0) return { status: null, error: 'broken' };
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'masker-evidence',
    ...signMessage(messageId, Math.floor(now.getTime() / 1_000), body, secrets),
  };
  try {
    return await postMessage(url, headers, body, post, signal);
  } catch (error) {
    // The worker stops. Whether the receiver got the message is unknown: it may get it again, under the same id.
    await deliveries.giveBack(delivery, new Date());
    throw error;
  }
}

function whatFollows(
  { createdAt, attempts }: Delivery,
  { status }: Outcome,
  now: Date,
): 'delivered' | 'dead' | Date {
  if (status !== null && status >= 200 && status < 300) return 'delivered';
  if (status === GONE) return 'dead';
  return nextAttemptAt(createdAt, now, attempts.length + 1) ?? 'dead';
}
