import { aggregateHourJob } from './aggregate-hour.ts';
import { aggregateSessionJob } from './aggregate-session.ts';
import { checkDriftJob } from './check-drift.ts';
import { deliverWebhookJob } from './deliver-webhook.ts';
import { extendAccountLogJob } from './extend-account-log.ts';
import type { Job } from './job.ts';
import { makeReportJob } from './make-report.ts';
import { storeRootJob } from './store-root.ts';
import { sweepJob } from './sweep.ts';
import { sweepWebhooksJob } from './sweep-webhooks.ts';
import { verifyLogsJob } from './verify-logs.ts';

/** Every job with its handler. Each parses its own payload. */
export const JOBS = [
  aggregateSessionJob,
  storeRootJob,
  aggregateHourJob,
  makeReportJob,
  extendAccountLogJob,
  deliverWebhookJob,
  sweepWebhooksJob,
  sweepJob,
  checkDriftJob,
  verifyLogsJob,
] as unknown as readonly Job<unknown>[];
