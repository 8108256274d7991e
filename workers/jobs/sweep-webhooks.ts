// Finds the webhooks with messages that are due: new ones whose job was lost, and those that are sent again.
import { DELIVER_WEBHOOK, SWEEP_WEBHOOKS } from '../../shared/queues/jobs.ts';
import type { Job } from './job.ts';

/** Webhooks that one sweep queues. */
const LIMIT = 1_000;

export const sweepWebhooksJob: Job<object> = {
  definition: SWEEP_WEBHOOKS,
  concurrency: 1,
  async handle(_payload, { webhooks, queues }) {
    const due = await webhooks.fleet.listDue(new Date(), LIMIT);
    if (due.length > 0) await queues.addAll(DELIVER_WEBHOOK, due);
    return `${due.length} webhooks`;
  },
};
