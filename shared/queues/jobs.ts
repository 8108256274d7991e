// The jobs of the background pipeline. What each does is in `workers/jobs/`.
import { z } from 'zod';
import { isId } from '../audit/ids.ts';
import { HOUR_MS } from '../time/durations.ts';
import { defineJob } from './job-definition.ts';

const session = z.strictObject({
  accountId: z.string().refine((text) => isId('account', text)),
  sessionId: z.string().refine((text) => isId('session', text)),
});

/** The last millisecond of a Date. */
const LATEST_MS = 8.64e15;

const agentHour = z.strictObject({
  accountId: z.string().refine((text) => isId('account', text)),
  agentId: z.string().refine((text) => isId('agent', text)),
  /** Start of a UTC hour, Unix milliseconds. A Date holds the hour's start and its end. */
  hourMs: z
    .int()
    .min(-LATEST_MS)
    .max(LATEST_MS - HOUR_MS)
    .refine((ms) => ms % HOUR_MS === 0),
});

/** Brings a session's counts up to the end of its log. */
export const AGGREGATE_SESSION = defineJob({
  name: 'aggregate-session',
  payload: session,
  id: ({ sessionId }) => `aggregate-session-${sessionId}`,
});

/** Walks an ended session's log and stores its root. */
export const STORE_ROOT = defineJob({
  name: 'store-root',
  payload: session,
  id: ({ sessionId }) => `store-root-${sessionId}`,
});

/** Sums an agent's UTC hour from its sessions. */
export const AGGREGATE_HOUR = defineJob({
  name: 'aggregate-hour',
  payload: agentHour,
  id: ({ agentId, hourMs }) => `aggregate-hour-${agentId}-${hourMs / HOUR_MS}`,
  // Sessions of one hour end close together, and each run of the job reads all of them.
  delayMs: 500,
});

/** Makes a report over many sessions and keeps its bytes. */
export const MAKE_REPORT = defineJob({
  name: 'make-report',
  payload: z.strictObject({
    accountId: z.string().refine((text) => isId('account', text)),
    reportId: z.string().refine((text) => isId('report', text)),
  }),
  id: ({ reportId }) => `make-report-${reportId}`,
  takesTurnOf: ({ accountId }) => accountId,
});

/** Brings an account's log up to date. */
export const EXTEND_ACCOUNT_LOG = defineJob({
  name: 'extend-account-log',
  payload: z.strictObject({ accountId: z.string().refine((text) => isId('account', text)) }),
  id: ({ accountId }) => `extend-account-log-${accountId}`,
});

/** Sends a webhook the messages that are due. */
export const DELIVER_WEBHOOK = defineJob({
  name: 'deliver-webhook',
  payload: z.strictObject({
    accountId: z.string().refine((text) => isId('account', text)),
    webhookId: z.string().refine((text) => isId('webhook', text)),
  }),
  // One job a webhook, so that a slow receiver holds up no other.
  id: ({ webhookId }) => `deliver-webhook-${webhookId}`,
});

/** Finds the webhooks with messages that are due. A queue of its own: messages do not wait for another sweep. */
export const SWEEP_WEBHOOKS = defineJob({
  name: 'sweep-webhooks',
  payload: z.strictObject({}),
  id: () => 'sweep-webhooks',
});

/**
 * Finds the sessions for which something is due: all that changed, or all that are open; the account logs that are behind. Of reports that are made in the
 * background: those whose job was lost, and those whose bytes have to go. Payloads that no row names.
 */
export const SWEEP = defineJob({
  name: 'sweep',
  payload: z.strictObject({ of: z.enum(['changed', 'open', 'reports', 'logs', 'payloads']) }),
  id: ({ of }) => `sweep-${of}`,
});

/** Counts a sample of sessions again from their logs, and their hours from the sessions, and compares. */
export const CHECK_DRIFT = defineJob({
  name: 'check-drift',
  payload: z.strictObject({ sessions: z.int().min(1).max(100_000) }),
  id: () => 'check-drift',
});

/** Walks the logs that are due for it, so that each ended one is walked once in a while. */
export const VERIFY_LOGS = defineJob({
  name: 'verify-logs',
  payload: z.strictObject({}),
  id: () => 'verify-logs',
});

/** All kinds of jobs, one queue each. */
export const JOB_DEFINITIONS = [
  AGGREGATE_SESSION,
  STORE_ROOT,
  AGGREGATE_HOUR,
  MAKE_REPORT,
  EXTEND_ACCOUNT_LOG,
  DELIVER_WEBHOOK,
  SWEEP_WEBHOOKS,
  SWEEP,
  CHECK_DRIFT,
  VERIFY_LOGS,
] as const;
