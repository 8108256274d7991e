// Sends a webhook the messages that are due.
import { DELIVER_WEBHOOK } from '../../shared/queues/jobs.ts';
import type { WebhookRef } from '../../shared/webhooks/delivery.ts';
import type { Job } from './job.ts';

export const deliverWebhookJob: Job<WebhookRef> = {
  definition: DELIVER_WEBHOOK,
  // A job waits for a receiver most of the time, up to 25 s: high, so that slow receivers do not keep others waiting.
  concurrency: 64,
  isInterruptible: true,
  async handle(ref, { webhooks, counters }, signal) {
    const { delivered, failed, dead } = await webhooks.sendDue(ref, signal);
    if (delivered > 0) await counters.add('webhook_attempts_delivered', delivered);
    if (failed > 0) await counters.add('webhook_attempts_failed', failed);
    if (dead > 0) await counters.add('webhook_messages_dead', dead);
    return `${delivered} delivered, ${failed} failed, ${dead} given up`;
  },
};
