import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { listDeliveries, readDeliveryCursor } from './list-webhooks.ts';
import { findWebhook, retryMessage } from './manage-webhooks.ts';
import { deliveriesResponse, messageParams, queuedResponse, webhookParams, webhooksQuery } from './schema.ts';

export const DELIVERY_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/webhooks/{webhook_id}/deliveries',
    summary: 'Lists the messages of a webhook with their attempts.',
    permission: 'webhooks:write',
    params: webhookParams,
    query: webhooksQuery,
    kind: 'json',
    response: deliveriesResponse,
    takesTurns: true,
    errors: ['webhook_not_found'],
    handler: showDeliveries,
  }),

  defineRoute({
    method: 'post',
    path: '/api/v1/webhooks/{webhook_id}/deliveries/{message_id}/retry',
    summary: 'Sends a message again, at once.',
    permission: 'webhooks:write',
    params: messageParams,
    query: none,
    kind: 'json',
    response: queuedResponse,
    statuses: [202],
    errors: ['webhook_not_found', 'validation_failed'],
    handler: postRetry,
  }),
];

async function showDeliveries(
  deps: Pick<ApiDeps, 'webhooks' | 'deliveries' | 'cursors'>,
  ctx: ApiContext,
  { params, query: { limit, cursor } }: RouteInput<typeof webhookParams, typeof webhooksQuery>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  // Input is checked before any resource is looked up, and the cursor is input. The empty id names no list.
  const after = readDeliveryCursor(deps, accountId, params.webhook_id ?? '', cursor);
  const { id } = await findWebhook(deps, accountId, params.webhook_id);
  ctx.body = await listDeliveries(deps, accountId, id, { limit, after });
}

async function postRetry(
  deps: Pick<ApiDeps, 'webhooks' | 'deliveries' | 'sendMessages' | 'messageLimiter'>,
  ctx: ApiContext,
  { params: { webhook_id: id, message_id: messageId } }: RouteInput<typeof messageParams, typeof none>,
): Promise<void> {
  ctx.body = { message_id: await retryMessage(deps, ctx, { id, messageId }) };
  ctx.status = 202;
}
