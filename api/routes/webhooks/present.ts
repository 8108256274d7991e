import type { z } from 'zod';
import { presentTime } from '../../../shared/time/present-time.ts';
import type { Delivery } from '../../../shared/webhooks/delivery.ts';
import type { Webhook } from '../../../shared/webhooks/webhook-repository.ts';
import type { deliveryResponse, webhookResponse } from './schema.ts';

export function presentWebhook(webhook: Webhook): z.infer<typeof webhookResponse> {
  const { id, url, events, description, createdAt, disabledAt } = webhook;
  return {
    id,
    url,
    events: [...events],
    description,
    created_at: presentTime(createdAt),
    disabled_at: disabledAt && presentTime(disabledAt),
  };
}

export function presentDelivery(delivery: Delivery): z.infer<typeof deliveryResponse> {
  const { messageId, event, createdAt, state, nextAt, attempts } = delivery;
  return {
    message_id: messageId,
    type: event.type,
    data: event.data,
    created_at: presentTime(createdAt),
    state,
    next_at: nextAt && presentTime(nextAt),
    attempts: attempts.map(({ at, status, error, durationMs }) => ({
      at: presentTime(at),
      status,
      error,
      duration_ms: durationMs,
    })),
  };
}
