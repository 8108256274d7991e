// Asks the parts around this process for the values that /metrics serves. A part that does not answer in time has no
// samples: a gap is honest, and a counter that fell to 0 would look like a restart.

import type { BrokenPrints } from '../../../shared/metrics/broken-prints.ts';
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import type { QueueCounts } from '../../../shared/queues/queues.ts';
import type { NeededKey } from '../../../shared/sessions/key-needs.ts';
import type { ApiDeps } from '../../http/context.ts';

const DEADLINE_MS = 900;

type Totals = Readonly<{ completed: number; failed: number }>;

export type QueueSamples = Readonly<{
  depths: ReadonlyMap<string, QueueCounts>;
  totals: ReadonlyMap<string, Totals>;
  driftFound: number;
  logEntries: number;
  logFindings: number;
  failedLogs: number;
  /** Attempts to send messages to webhooks, and messages that were given up. */
  webhooks: Readonly<{ delivered: number; failed: number; dead: number }>;
}>;

export type SessionSamples = Readonly<{
  lagS: number;
  failed: number;
  unverifiable: number;
  unsealed: number;
}>;

export type Samples = Readonly<{
  mongodbUp: boolean;
  /** Null where no Redis is configured. */
  redisUp: boolean | null;
  queues: QueueSamples | null;
  sessions: SessionSamples | null;
  /** The audit keys that stored logs need and that are not configured, or not for them. */
  neededKeys: readonly NeededKey[] | null;
  /** Account logs that contradict what was signed; null also where this process has no key of theirs. */
  accountLogsFailed: number | null;
  /** Rows that get no entry in an account log, since somebody wrote or changed them; null as above. */
  accountLogRowsRefused: number | null;
  /** Answers of witnesses that they hold another log; null as above. */
  witnessContradictions: number | null;
  /** Messages to webhooks that are still to be sent. */
  messages: Readonly<{ pending: number; oldestS: number }> | null;
  /** Of this process. */
  failedLogsByRequests: number;
  /** Of this process: prints that broke off, by how they went on. */
  brokenPrints: BrokenPrints;
  pool: Readonly<{ threads: number; running: number; waiting: number }>;
}>;

/** Takes as long as the slowest part, at most the deadline. Never rejects. */
export async function gatherSamples(deps: ApiDeps): Promise<Samples> {
  const [pinged, queues, sessions, neededKeys, accountLogs, messages] = await Promise.allSettled([
    deps.pingDatabase(DEADLINE_MS),
    askQueues(deps),
    unlessAborted(AbortSignal.timeout(DEADLINE_MS), askSessions(deps)),
    unlessAborted(AbortSignal.timeout(DEADLINE_MS), deps.keyNeeds.find()),
    unlessAborted(AbortSignal.timeout(DEADLINE_MS), askAccountLogs(deps)),
    unlessAborted(AbortSignal.timeout(DEADLINE_MS), askMessages(deps)),
  ]);
  return {
    mongodbUp: pinged.status === 'fulfilled',
    redisUp: deps.pipeline && queues.status === 'fulfilled',
    queues: queues.status === 'fulfilled' ? queues.value : null,
    sessions: sessions.status === 'fulfilled' ? sessions.value : null,
    neededKeys: neededKeys.status === 'fulfilled' ? neededKeys.value : null,
    accountLogsFailed: accountLogs.status === 'fulfilled' ? (accountLogs.value?.failed ?? null) : null,
    witnessContradictions:
      accountLogs.status === 'fulfilled' ? (accountLogs.value?.contradictions ?? null) : null,
    accountLogRowsRefused: accountLogs.status === 'fulfilled' ? (accountLogs.value?.refused ?? null) : null,
    messages: messages.status === 'fulfilled' ? messages.value : null,
    failedLogsByRequests: deps.metrics.failedLogs(),
    brokenPrints: deps.pdf.brokenPrints(),
    pool: deps.pool.stats(),
  };
}

async function askQueues({ pipeline }: ApiDeps): Promise<QueueSamples | null> {
  if (pipeline === null) return null;
  const { queues, counters } = pipeline;
  const ask = () => Promise.all([queues.counts(), queues.totals(), counters.read()]);
  const [depths, totals, counted] = await pipeline.within(DEADLINE_MS, ask);
  return {
    depths,
    totals,
    driftFound: counted.drift_found,
    logEntries: counted.log_entries_appended,
    logFindings: counted.account_log_findings,
    failedLogs: counted.logs_found_failed,
    webhooks: {
      delivered: counted.webhook_attempts_delivered,
      failed: counted.webhook_attempts_failed,
      dead: counted.webhook_messages_dead,
    },
  };
}

async function askAccountLogs({ accountLog, witnesses }: ApiDeps) {
  if (!accountLog) return null;
  const [failed, refused, contradictions] = await Promise.all([
    accountLog.countFailed(),
    accountLog.countRefused(),
    accountLog.countContradictions(new Set(witnesses.map(({ name }) => name))),
  ]);
  return { failed, refused, contradictions };
}

async function askMessages({ messageGauges }: ApiDeps) {
  const { pending, oldest } = await messageGauges.countPending();
  return { pending, oldestS: ageS(oldest) };
}

async function askSessions({ gauges }: ApiDeps): Promise<SessionSamples> {
  const [oldest, logs] = await Promise.all([gauges.findOldestChange(), gauges.countLogs()]);
  return { lagS: ageS(oldest), ...logs };
}

/** Seconds since a time; 0 for null, and where another machine's clock is ahead. */
function ageS(at: Date | null): number {
  return at === null ? 0 : Math.max(0, (Date.now() - at.getTime()) / 1000);
}
