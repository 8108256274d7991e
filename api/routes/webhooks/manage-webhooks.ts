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
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess, type RecordDeps, recordAct } from '../../http/record-access.ts';

type Deps = Pick<
  ApiDeps,
  'webhooks' | 'deliveries' | 'announcer' | 'sendMessages' | 'webhookUrls' | 'messageLimiter'
>;
type Ctx = Pick<ApiContext, 'state'>;

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
  ctx: Ctx,
  draft: WebhookDraft,
): Promise<{ webhook: Webhook; secret: string }> {
  const { accountId } = ctx.state.actor;
  await assertUsable(draft, webhookUrls);
  const made = await webhooks.create(accountId, draft);
  if (!made) throw new AppError('validation_failed', FULL, { param: 'body' });
  announcer.forget(accountId);
  noteAccess(ctx, 'webhook.make', made.webhook.id);
  return made;
}

const FULL = `The account has ${WEBHOOK_LIMIT} webhooks, and may have no more: delete one first.`;

/**
 * Changes a webhook, and sends to it again where its receiver had answered 410. Throws `webhook_not_found`, and
 * `validation_failed` as `makeWebhook` does.
 */
export async function changeWebhook(
  { webhooks, webhookUrls, announcer }: Pick<Deps, 'webhooks' | 'webhookUrls' | 'announcer'>,
  ctx: Ctx,
  id: string | null,
  draft: WebhookDraft,
): Promise<Webhook> {
  const { accountId } = ctx.state.actor;
  await findWebhook({ webhooks }, accountId, id);
  await assertUsable(draft, webhookUrls);
  const changed = id === null ? null : await webhooks.change(accountId, id, draft);
  if (!changed) throw noWebhook();
  announcer.forget(accountId);
  noteAccess(ctx, 'webhook.change', changed.id);
  return changed;
}

async function assertUsable({ url }: WebhookDraft, webhookUrls: Deps['webhookUrls']): Promise<void> {
  const problem = await findUrlProblem(url, webhookUrls);
  if (problem !== null) throw new AppError('validation_failed', problem, { param: 'url' });
}

/** Also removes its messages. Throws `webhook_not_found`. */
export async function removeWebhook(
  deps: Pick<Deps, 'webhooks' | 'deliveries' | 'announcer'> & RecordDeps,
  ctx: ApiContext,
  id: string | null,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  if (id === null || !(await deps.webhooks.has(accountId, id))) throw noWebhook();
  await recordAct(deps, ctx, 'webhook.delete', id);
  if (!(await deps.webhooks.remove(accountId, id))) throw noWebhook();
  deps.announcer.forget(accountId);
  await deps.deliveries.removeAll(accountId, id);
}

/** Makes a new secret. Throws `webhook_not_found`. */
export async function rotateSecret(
  { webhooks }: Pick<Deps, 'webhooks'>,
  ctx: Ctx,
  id: string | null,
): Promise<{ secret: string; previousUntil: Date }> {
  const now = new Date();
  const secret = id === null ? null : await webhooks.rotate(ctx.state.actor.accountId, id, now);
  if (secret === null) throw noWebhook();
  noteAccess(ctx, 'webhook.secret', id);
  return { secret, previousUntil: new Date(now.getTime() + SECRET_KEPT_MS) };
}

type SendDeps = Pick<Deps, 'webhooks' | 'deliveries' | 'sendMessages' | 'messageLimiter'>;

/**
 * Has a test message sent; resolves to its id. Throws `webhook_not_found`, `validation_failed` for a disabled one, and
 * `rate_limited` where the account has sent many by hand.
 */
export async function sendTest(deps: SendDeps, ctx: Ctx, id: string | null): Promise<string> {
  const { accountId } = ctx.state.actor;
  const webhook = await findSendable(deps, accountId, id);
  const messageId = newId('message');
  const event = { type: 'webhook.test', data: { webhook_id: webhook.id } } as const;
  await deps.deliveries.insert(accountId, webhook.id, { messageId, event });
  deps.sendMessages({ accountId, webhookId: webhook.id });
  noteAccess(ctx, 'webhook.test', webhook.id);
  return messageId;
}

/** Has a message sent again. Throws as `sendTest` does; a message that the webhook never had is not found either. */
export async function retryMessage(
  deps: SendDeps,
  ctx: Ctx,
  { id, messageId }: Readonly<{ id: string | null; messageId: string | null }>,
): Promise<string> {
  const { accountId } = ctx.state.actor;
  const webhook = await findSendable(deps, accountId, id);
  if (messageId === null || !(await deps.deliveries.retry(accountId, webhook.id, messageId))) {
    throw noWebhook();
  }
  deps.sendMessages({ accountId, webhookId: webhook.id });
  noteAccess(ctx, 'webhook.retry', webhook.id);
  return messageId;
}

/** Counts what is asked for, so that nobody has this service send to an address as fast as he likes. */
async function findSendable(
  deps: Pick<Deps, 'webhooks' | 'messageLimiter'>,
  accountId: string,
  id: string | null,
): Promise<Webhook> {
  const webhook = await findWebhook(deps, accountId, id);
  if (webhook.disabledAt !== null) throw new AppError('validation_failed', DISABLED, { param: 'webhook_id' });
  const { retryAfterS } = await deps.messageLimiter.count(accountId);
  if (retryAfterS !== null) {
    throw new AppError('rate_limited', 'The account sends many messages by hand.', { retryAfterS });
  }
  return webhook;
}

const DISABLED =
  'webhook_id: the receiver answered 410, so nothing is sent there any more: PUT the webhook (in the console: save it) to send to it again.';

function noWebhook(): AppError {
  return new AppError('webhook_not_found', 'No such webhook or message.');
}
