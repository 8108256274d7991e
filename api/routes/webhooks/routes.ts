import { presentTime } from '../../../shared/time/present-time.ts';
import type { WebhookDraft } from '../../../shared/webhooks/webhook-repository.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { listDeliveries, listWebhooks } from './list-webhooks.ts';
import {
  changeWebhook,
  findWebhook,
  makeWebhook,
  removeWebhook,
  rotateSecret,
  sendTest,
} from './manage-webhooks.ts';
import { presentWebhook } from './present.ts';
import {
  newWebhookResponse,
  queuedResponse,
  secretResponse,
  type WebhookBody,
  webhookBody,
  webhookDetailResponse,
  webhookParams,
  webhookResponse,
  webhooksQuery,
  webhooksResponse,
} from './schema.ts';

const BODY_LIMIT = 32 * 1024;
/** Messages that a webhook is shown with. */
const SHOWN = 10;

type Named = RouteInput<typeof webhookParams, typeof none>;

export const WEBHOOK_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/webhooks',
    summary: 'Lists the webhooks of the account.',
    permission: 'webhooks:write',
    params: none,
    query: webhooksQuery,
    kind: 'json',
    response: webhooksResponse,
    errors: [],
    handler: showWebhooks,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/webhooks',
    summary: 'Makes a webhook, and shows its secret this once.',
    permission: 'webhooks:write',
    params: none,
    query: none,
    body: { mediaType: 'application/json', limit: BODY_LIMIT, schema: webhookBody },
    kind: 'json',
    response: newWebhookResponse,
    statuses: [201],
    errors: [],
    handler: postWebhook,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/webhooks/{webhook_id}',
    summary: 'Shows a webhook and its last messages.',
    permission: 'webhooks:write',
    params: webhookParams,
    query: none,
    kind: 'json',
    response: webhookDetailResponse,
    errors: ['webhook_not_found'],
    handler: showWebhook,
  }),

  defineRoute({
    method: 'put',
    path: '/api/v1/webhooks/{webhook_id}',
    summary: 'Changes a webhook, and sends to it again where it was disabled.',
    permission: 'webhooks:write',
    params: webhookParams,
    query: none,
    body: { mediaType: 'application/json', limit: BODY_LIMIT, schema: webhookBody },
    kind: 'json',
    response: webhookResponse,
    errors: ['webhook_not_found'],
    handler: putWebhook,
  }),

  defineRoute({
    method: 'delete',
    path: '/api/v1/webhooks/{webhook_id}',
    summary: 'Deletes a webhook with its messages.',
    permission: 'webhooks:write',
    params: webhookParams,
    query: none,
    kind: 'empty',
    statuses: [204],
    errors: ['webhook_not_found'],
    handler: deleteWebhook,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/webhooks/{webhook_id}/test',
    summary: 'Sends a webhook a test message.',
    permission: 'webhooks:write',
    params: webhookParams,
    query: none,
    kind: 'json',
    response: queuedResponse,
    statuses: [202],
    errors: ['webhook_not_found', 'validation_failed'],
    handler: postTest,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/webhooks/{webhook_id}/secret',
    summary: 'Makes a new secret, and shows it this once.',
    permission: 'webhooks:write',
    params: webhookParams,
    query: none,
    kind: 'json',
    response: secretResponse,
    errors: ['webhook_not_found'],
    handler: postSecret,
  }),
];

async function showWebhooks(
  deps: Pick<ApiDeps, 'webhooks' | 'cursors'>,
  ctx: ApiContext,
  { query }: RouteInput<typeof none, typeof webhooksQuery>,
): Promise<void> {
  ctx.body = await listWebhooks(deps, ctx.state.actor.accountId, query);
}

async function postWebhook(
  deps: Pick<ApiDeps, 'webhooks' | 'webhookUrls' | 'announcer'>,
  ctx: ApiContext,
  { body }: RouteInput<typeof none, typeof none, typeof webhookBody>,
): Promise<void> {
  const { webhook, secret } = await makeWebhook(deps, ctx, draftOf(body));
  ctx.status = 201;
  ctx.body = { ...presentWebhook(webhook), secret };
}

async function showWebhook(
  deps: Pick<ApiDeps, 'webhooks' | 'deliveries' | 'cursors'>,
  ctx: ApiContext,
  { params }: Named,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const webhook = await findWebhook(deps, accountId, params.webhook_id);
  const { data } = await listDeliveries(deps, accountId, webhook.id, { limit: SHOWN, after: null });
  ctx.body = { ...presentWebhook(webhook), deliveries: data };
}

async function putWebhook(
  deps: Pick<ApiDeps, 'webhooks' | 'webhookUrls' | 'announcer'>,
  ctx: ApiContext,
  { params, body }: RouteInput<typeof webhookParams, typeof none, typeof webhookBody>,
): Promise<void> {
  ctx.body = presentWebhook(await changeWebhook(deps, ctx, params.webhook_id, draftOf(body)));
}

function draftOf({ url, events, description = '' }: WebhookBody): WebhookDraft {
  return { url, events: [...new Set(events)], description };
}

async function deleteWebhook(
  deps: Pick<ApiDeps, 'webhooks' | 'deliveries' | 'announcer' | 'recordAccess'>,
  ctx: ApiContext,
  { params }: Named,
): Promise<void> {
  await removeWebhook(deps, ctx, params.webhook_id);
  ctx.status = 204;
}

async function postTest(
  deps: Pick<ApiDeps, 'webhooks' | 'deliveries' | 'sendMessages' | 'messageLimiter'>,
  ctx: ApiContext,
  { params }: Named,
): Promise<void> {
  ctx.body = { message_id: await sendTest(deps, ctx, params.webhook_id) };
  ctx.status = 202;
}

async function postSecret(
  deps: Pick<ApiDeps, 'webhooks'>,
  ctx: ApiContext,
  { params }: Named,
): Promise<void> {
  const { secret, previousUntil } = await rotateSecret(deps, ctx, params.webhook_id);
  ctx.body = { secret, previous_until: presentTime(previousUntil) };
}
