// What is done to an account's webhooks, by the API and by the console.
import { newId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { findUrlProblem } from '../../../shared/webhooks/check-url.ts';
import {
  SECRET_KEPT_MS,
  WEBHOOK_LIMIT,
  type Webhook,
  type WebhookDraft,
} from '../../../shared/webhooks/webhook-repository.ts';
import type { ApiDeps } from '../../http/context.ts';

type Deps = Pick<ApiDeps, 'webhooks' | 'deliveries' | 'announcer' | 'sendMessages' | 'webhookUrls'>;

/** Throws `webhook_not_found` for a malformed id (null), an unknown one and another account's. */
export async function findWebhook(
  { webhooks }: Pick<Deps, 'webhooks'>,
  accountId: string,
  id: string | null,
): Promise<Webhook> {
  const webhook = id === null ? null : await webhooks.find(accountId, id);
  if (!webhook) throw noWebhook();
  return webhook;
}

/** Throws `validation_failed` for a URL that is not to be used, and where the account has as many as it may have. */
export async function makeWebhook(
  { webhooks, webhookUrls, announcer }: Pick<Deps, 'webhooks' | 'webhookUrls' | 'announcer'>,
  accountId: string,
  draft: WebhookDraft,
): Promise<{ webhook: Webhook; secret: string }> {
  const problem = await findUrlProblem(draft.url, webhookUrls);
  if (problem !== null) throw new AppError('validation_failed', problem, { param: 'url' });
  const made = await webhooks.create(accountId, draft);
  if (!made) throw new AppError('validation_failed', FULL, { param: 'body' });
  announcer.forget(accountId);
  return made;
}

const FULL = `The account has ${WEBHOOK_LIMIT} webhooks, and may have no more: delete one first.`;

/** Also removes its messages. Throws `webhook_not_found`. */
export async function removeWebhook(
  { webhooks, deliveries, announcer }: Pick<Deps, 'webhooks' | 'deliveries' | 'announcer'>,
  accountId: string,
  id: string | null,
): Promise<void> {
  if (id === null || !(await webhooks.remove(accountId, id))) throw noWebhook();
  announcer.forget(accountId);
  await deliveries.removeAll(accountId, id);
}

/** Makes a new secret. Throws `webhook_not_found`. */
export async function rotateSecret(
  { webhooks }: Pick<Deps, 'webhooks'>,
  accountId: string,
  id: string | null,
): Promise<{ secret: string; previousUntil: Date }> {
  const now = new Date();
  const secret = id === null ? null : await webhooks.rotate(accountId, id, now);
  if (secret === null) throw noWebhook();
  return { secret, previousUntil: new Date(now.getTime() + SECRET_KEPT_MS) };
}

/** Has a test message sent; resolves to its id. Throws `webhook_not_found`, and `validation_failed` for a disabled one. */
export async function sendTest(
  deps: Pick<Deps, 'webhooks' | 'deliveries' | 'sendMessages'>,
  accountId: string,
  id: string | null,
): Promise<string> {
  const webhook = await findUsable(deps, accountId, id);
  const messageId = newId('message');
  const event = { type: 'webhook.test', data: { webhook_id: webhook.id } } as const;
  await deps.deliveries.insert(accountId, webhook.id, { messageId, event });
  deps.sendMessages({ accountId, webhookId: webhook.id });
  return messageId;
}

/** Has a message sent again. Throws as `sendTest` does; a message that the webhook never had is not found either. */
export async function retryMessage(
  deps: Pick<Deps, 'webhooks' | 'deliveries' | 'sendMessages'>,
  accountId: string,
  { id, messageId }: Readonly<{ id: string | null; messageId: string | null }>,
): Promise<string> {
  const webhook = await findUsable(deps, accountId, id);
  if (messageId === null || !(await deps.deliveries.retry(accountId, webhook.id, messageId))) {
    throw noWebhook();
  }
  deps.sendMessages({ accountId, webhookId: webhook.id });
  return messageId;
}

async function findUsable(
  deps: Pick<Deps, 'webhooks'>,
  accountId: string,
  id: string | null,
): Promise<Webhook> {
  const webhook = await findWebhook(deps, accountId, id);
  if (webhook.disabledAt !== null) throw new AppError('validation_failed', DISABLED, { param: 'webhook_id' });
  return webhook;
}

const DISABLED =
  'webhook_id: the receiver answered 410, so nothing is sent there any more: delete the webhook and make it again.';

function noWebhook(): AppError {
  return new AppError('webhook_not_found', 'No such webhook or message.');
}
