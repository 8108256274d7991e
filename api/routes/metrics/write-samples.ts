import { Counter, Gauge, Registry } from 'prom-client';
import type { QueueSamples, Samples, SessionSamples } from './gather-samples.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** A registry of what was gathered, for one answer. */
export function writeSamples(samples: Samples): Registry {
  const registry = new Registry();
  const gauge = describe(registry, Gauge, (metric, labels, value) => metric.set(labels, value));
  const counter = describe(registry, Counter, (metric, labels, value) => metric.inc(labels, value));
  const { pool, queues, sessions, redisUp } = samples;

  gauge('masker_mongodb_up', 'Whether MongoDB answers.', [[{}, Number(samples.mongodbUp)]]);
  if (redisUp !== null) gauge('masker_redis_up', 'Whether Redis answers.', [[{}, Number(redisUp)]]);
  gauge('masker_report_pool_utilization', 'Report threads at work, of all.', [
    [{}, pool.running / pool.threads],
  ]);
  gauge('masker_report_pool_callers', 'Callers that report threads serve or that wait for one.', [
    [{}, pool.waiting],
  ]);
  counter(
    'masker_logs_found_failed_total',
    'Logs that failed, by the pipeline or by a report of this process.',
    [
      [{ by: 'report' }, samples.failedLogsByReports],
      ...(queues ? [[{ by: 'pipeline' }, queues.failedLogs] as const] : []),
    ],
  );
  if (queues) writeQueues(queues, gauge, counter);
  if (sessions) writeSessions(sessions, gauge);
  return registry;
}

type Describe = (name: string, help: string, values: readonly Sample[]) => void;

function writeQueues(queues: QueueSamples, gauge: Describe, counter: Describe): void {
  counter('masker_jobs_total', 'Jobs that ended, by queue and how.', listByQueue(queues.totals, 'status'));
  gauge('masker_queue_depth', 'Jobs in a queue, by state.', listByQueue(queues.depths, 'state'));
  counter('masker_drift_found_total', 'Counts and sums that a check found to differ from the logs.', [
    [{}, queues.driftFound],
  ]);
}

function writeSessions({ lagS, failed, unverifiable }: SessionSamples, gauge: Describe): void {
  gauge(
    'masker_aggregate_lag_seconds',
    'How long the oldest change waits to be followed; 0 when none does.',
    [[{}, lagS]],
  );
  gauge('masker_logs_failed', 'Sessions whose log is marked as failed.', [[{}, failed]]);
  gauge('masker_logs_unverifiable', 'Sessions whose log is unverifiable: its key is not configured.', [
    [{}, unverifiable],
  ]);
}

function listByQueue(
  queues: ReadonlyMap<string, Readonly<Record<string, number>>>,
  label: 'status' | 'state',
): Sample[] {
  return [...queues].flatMap(([queue, counts]) =>
    Object.entries(counts).map(([name, count]): Sample => [{ queue, [label]: name }, count]),
  );
}

function describe<M>(
  registry: Registry,
  Kind: new (options: { name: string; help: string; labelNames: string[]; registers: Registry[] }) => M,
  put: (metric: M, labels: Labels, value: number) => void,
): Describe {
  return (name, help, values) => {
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const metric = new Kind({ name, help, labelNames, registers: [registry] });
    for (const [labels, value] of values) put(metric, labels, value);
  };
}
