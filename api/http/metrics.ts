// The metrics of one app. Labels name formats, outcomes and parts of the program, never an account, an agent or a
// session: anyone may read metrics.
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { AppError } from '../../shared/errors/app-error.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';

export type Metrics = Readonly<{
  registry: Registry;
  /** Measures how long a report takes and how it ends. */
  timeReport<T>(format: string, report: Promise<T>): Promise<T>;
  /** Counts a log that a request found to fail: a report or a session page. */
  countFailedLog(): void;
  failedLogs(): number;
}>;

/** Seconds: from a report that is ready at once to one that ends at its deadline. */
const REPORT_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const reports = new Histogram({
    name: 'masker_report_duration_seconds',
    help: 'Time that a report took. outcome: ok, hung_up, or the code of the error in the answer.',
    labelNames: ['format', 'outcome'],
    buckets: REPORT_BUCKETS_S,
    registers: [registry],
  });
  let failedLogs = 0;

  return {
    registry,
    async timeReport(format, report) {
      const stop = reports.startTimer({ format });
      try {
        const made = await report;
        stop({ outcome: 'ok' });
        return made;
      } catch (error) {
        stop({ outcome: nameOutcome(error) });
        throw error;
      }
    },
    countFailedLog() {
      failedLogs += 1;
    },
    failedLogs: () => failedLogs,
  };
}

function nameOutcome(error: unknown): string {
  if (error instanceof AppError) return error.code;
  // A request's signal aborts without a reason of ours only when its caller is gone.
  if (error instanceof DOMException && error.name === 'AbortError') return 'hung_up';
  return asStoreFailure(error)?.code ?? 'internal_error';
}
