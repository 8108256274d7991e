// The metrics about the parts around this process: each one's name, help text, and how the samples give its values.
import { Counter, Gauge, type Registry } from 'prom-client';
import { BROKEN_PRINTS_METRIC } from '../../../shared/metrics/broken-prints.ts';
import type { Samples } from './gather-samples.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

type Spec = Readonly<{
  Kind: typeof Counter | typeof Gauge;
  name: string;
  help: string;
  labels?: readonly string[];
  /** Empty where the part did not answer. */
  read(samples: Samples): readonly Sample[];
}>;

const SPECS: readonly Spec[] = [
  {
    Kind: Gauge,
    name: 'masker_mongodb_up',
    help: 'Whether MongoDB answers: 1 or 0.',
    read: ({ mongodbUp }) => [[{}, Number(mongodbUp)]],
  },
  {
    Kind: Gauge,
    name: 'masker_redis_up',
    help: 'Whether Redis answers: 1 or 0. No sample where none is configured.',
    read: ({ redisUp }) => (redisUp === null ? [] : [[{}, Number(redisUp)]]),
  },
  {
    Kind: Gauge,
    name: 'masker_report_pool_utilization',
    help: 'Share of the report threads that are at work, from 0 to 1.',
    read: ({ pool }) => [[{}, pool.running / pool.threads]],
  },
  {
    Kind: Gauge,
    name: 'masker_report_pool_callers',
    help: 'Callers that a report thread serves or that wait for one.',
    read: ({ pool }) => [[{}, pool.waiting]],
  },
  {
    Kind: Counter,
    name: BROKEN_PRINTS_METRIC.name,
    help: BROKEN_PRINTS_METRIC.help,
    labels: [BROKEN_PRINTS_METRIC.label],
    read: ({ brokenPrints }) =>
      Object.entries(brokenPrints).map(([outcome, count]) => [
        { [BROKEN_PRINTS_METRIC.label]: outcome },
        count,
      ]),
  },
  {
    Kind: Counter,
    name: 'masker_logs_found_failed_total',
    help: 'Logs that were found to have failed, by a request to this process or by the pipeline.',
    labels: ['by'],
    read: ({ queues, failedLogsByRequests }) => [
      [{ by: 'request' }, failedLogsByRequests],
      ...(queues ? [[{ by: 'pipeline' }, queues.failedLogs] as const] : []),
    ],
  },
  {
    Kind: Counter,
    name: 'masker_jobs_total',
    help: 'Jobs that ended, by queue and status.',
    labels: ['queue', 'status'],
    read: ({ queues }) => listByQueue(queues?.totals, 'status'),
  },
  {
    Kind: Gauge,
    name: 'masker_queue_depth',
    help: 'Jobs in a queue, by state.',
    labels: ['queue', 'state'],
    read: ({ queues }) => listByQueue(queues?.depths, 'state'),
  },
  {
    Kind: Counter,
    name: 'masker_drift_found_total',
    help: 'Counts and sums that the drift check found to differ from the logs.',
    read: ({ queues }) => (queues ? [[{}, queues.driftFound]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_aggregate_lag_seconds',
    help: 'Age of the oldest session change that the pipeline has yet to count; 0 when there is none.',
    read: ({ sessions }) => (sessions ? [[{}, sessions.lagS]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_logs_failed',
    help: 'Sessions whose log is marked as failed.',
    read: ({ sessions }) => (sessions ? [[{}, sessions.failed]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_logs_unverifiable',
    help: 'Sessions whose log was found unverifiable: its key is not configured or is another key of that name, or its row is damaged.',
    read: ({ sessions }) => (sessions ? [[{}, sessions.unverifiable]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_logs_unsealed',
    help: 'Ended sessions whose log has no seal: the tail may have been cut.',
    read: ({ sessions }) => (sessions ? [[{}, sessions.unsealed]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_account_logs_failed',
    help: 'Account logs that contradict a signed checkpoint: nothing more is signed there.',
    read: ({ accountLogsFailed }) => (accountLogsFailed === null ? [] : [[{}, accountLogsFailed]]),
  },
  {
    Kind: Gauge,
    name: 'masker_account_log_rows_refused',
    help: 'Rows that are due for account logs and get no entry: somebody wrote or changed them.',
    read: ({ accountLogRowsRefused: rows }) => (rows === null ? [] : [[{}, rows]]),
  },
  {
    Kind: Gauge,
    name: 'masker_witness_contradictions',
    help: 'Witnesses that say they hold another log of an account than there is, each account counted.',
    read: ({ witnessContradictions: count }) => (count === null ? [] : [[{}, count]]),
  },
  {
    Kind: Counter,
    name: 'masker_account_log_entries_total',
    help: 'Entries that the pipeline appended to account logs.',
    read: ({ queues }) => (queues ? [[{}, queues.logEntries]] : []),
  },
  {
    Kind: Counter,
    name: 'masker_account_log_findings_total',
    help: 'What the nightly check found that account logs hold and the database does not say, each finding once a night.',
    read: ({ queues }) => (queues ? [[{}, queues.logFindings]] : []),
  },
  {
    Kind: Counter,
    name: 'masker_webhook_attempts_total',
    help: 'Attempts to send a message to a webhook, by outcome.',
    labels: ['outcome'],
    read: ({ queues }) =>
      queues
        ? [
            [{ outcome: 'delivered' }, queues.webhooks.delivered],
            [{ outcome: 'failed' }, queues.webhooks.failed],
          ]
        : [],
  },
  {
    Kind: Counter,
    name: 'masker_webhook_messages_dead_total',
    help: 'Messages to webhooks that were given up.',
    read: ({ queues }) => (queues ? [[{}, queues.webhooks.dead]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_webhook_messages_pending',
    help: 'Messages to webhooks that are to be sent, now or again.',
    read: ({ messages }) => (messages ? [[{}, messages.pending]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_webhook_oldest_pending_seconds',
    help: 'Age of the oldest message to a webhook that is to be sent; 0 when there is none.',
    read: ({ messages }) => (messages ? [[{}, messages.oldestS]] : []),
  },
  {
    Kind: Gauge,
    name: 'masker_audit_key_needed_sessions',
    help: 'Sessions whose log needs an audit key that is missing, does not match or is out of scope, by the id of the key. No sample where every key is configured, for every log.',
    labels: ['key_id', 'problem'],
    read: ({ neededKeys }) =>
      (neededKeys ?? []).map(({ keyId, problem, sessionCount }) => [
        { key_id: keyId, problem },
        sessionCount,
      ]),
  },
];

/** Registers the metrics, once for a registry. Each scrape collects their values from one call of `gather`. */
export function registerSamples(registry: Registry, gather: () => Promise<Samples>): void {
  let gathering: Promise<Samples> | null = null;
  // Every metric of a scrape asks for the samples, and anyone may scrape: requests at the same time share one answer.
  const share = () => {
    gathering ??= gather().finally(() => {
      gathering = null;
    });
    return gathering;
  };
  for (const { Kind, name, help, labels = [], read } of SPECS) {
    new Kind({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect(this: Counter | Gauge) {
        replaceValues(this, read(await share()));
      },
    });
  }
}

/** Synchronous, so that another scrape sees all of the old values or all of the new ones. */
function replaceValues(metric: Counter | Gauge, samples: readonly Sample[]): void {
  metric.reset();
  // A metric without labels is now 0, which would be a sample: a counter that falls to 0 looks like a restart.
  metric.remove({});
  for (const [labels, value] of samples) metric.inc(labels, value);
}

function listByQueue(
  queues: ReadonlyMap<string, Readonly<Record<string, number>>> | undefined,
  label: 'status' | 'state',
): Sample[] {
  return [...(queues ?? [])].flatMap(([queue, counts]) =>
    Object.entries(counts).map(([name, count]): Sample => [{ queue, [label]: name }, count]),
  );
}
