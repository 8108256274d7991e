// The metrics of one workers process. Labels name queues, formats and outcomes, never an account or a session.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { BROKEN_PRINTS_METRIC, type BrokenPrints } from '../../shared/metrics/broken-prints.ts';
import { createProcessRegistry } from '../../shared/metrics/process-registry.ts';
import { createReportTimer, type TimeReport } from '../../shared/metrics/report-timer.ts';

/** How a job ended. `left`: the worker stops, and the next one takes the job. */
export type JobOutcome = 'done' | 'failed' | 'left';

export type WorkerMetrics = Readonly<{
  registry: Registry;
  /** Measures how long a report in the background takes and how it ends. */
  timeReport: TimeReport;
  /** Counts a job of a queue as running, until the function that it returns is called with how it ended. */
  beginJob(queue: string): (outcome: JobOutcome) => void;
  /** Registers how prints ended that broke off. Each scrape reads the counts, which never go down. Once. */
  watchPrints(read: () => BrokenPrints): void;
}>;

/** Seconds: from a job that finds nothing to do to the nightly check of every log. */
const BUCKETS_S = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3_600];

export function createWorkerMetrics(): WorkerMetrics {
  const registry = createProcessRegistry('workers');
  const durations = new Histogram({
    name: 'masker_job_duration_seconds',
    help: 'Time that a job took in this process. outcome: done, failed, or left to the next worker.',
    labelNames: ['queue', 'outcome'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  const running = new Gauge({
    name: 'masker_jobs_running',
    help: 'Jobs that this process runs, by queue.',
    labelNames: ['queue'],
    registers: [registry],
  });
  return {
    registry,
    timeReport: createReportTimer(registry),
    beginJob(queue) {
      const stop = durations.startTimer({ queue });
      running.inc({ queue });
      return (outcome) => {
        stop({ outcome });
        running.dec({ queue });
      };
    },
    watchPrints(read) {
      const { name, help, label } = BROKEN_PRINTS_METRIC;
      new Counter({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset();
          for (const [outcome, count] of Object.entries(read())) this.inc({ [label]: outcome }, count);
        },
      });
    },
  };
}

/** Registers whether the services of this process answer. Each scrape asks them. */
export function registerServices(
  { registry }: Pick<WorkerMetrics, 'registry'>,
  services: Readonly<{ mongodb(): Promise<boolean>; redis(): Promise<boolean> }>,
): void {
  const register = (name: string, help: string, answers: () => Promise<boolean>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(Number(await answers()));
      },
    });
  register('masker_mongodb_up', 'Whether MongoDB answers: 1 or 0.', services.mongodb);
  register('masker_redis_up', 'Whether Redis answers: 1 or 0.', services.redis);
}
