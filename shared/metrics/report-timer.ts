// Measures how long reports take and how they end, in the API and in the workers by one name.
import { Histogram, type Registry } from 'prom-client';
import { AppError } from '../errors/app-error.ts';
import { asStoreFailure } from '../mongo/store-failure.ts';

/** Measures one report of a format. Settles as `report` does. `signal` aborts once nobody waits for it. */
export type TimeReport = <T>(format: string, report: Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Seconds: from a report that is ready at once to one in the background over a year of sessions. */
const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 180, 600];

/** Registers `masker_report_duration_seconds`, once for a registry. */
export function createReportTimer(registry: Registry): TimeReport {
  const reports = new Histogram({
    name: 'masker_report_duration_seconds',
    help: 'Time that a report took. outcome: ok, hung_up (its caller is gone, or nobody wants it any more), or the code of its error.',
    labelNames: ['format', 'outcome'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  return async (format, report, signal) => {
    const stop = reports.startTimer({ format });
    try {
      const made = await report;
      stop({ outcome: 'ok' });
      return made;
    } catch (error) {
      stop({ outcome: signal?.aborted ? 'hung_up' : nameOutcome(error) });
      throw error;
    }
  };
}

function nameOutcome(error: unknown): string {
  if (error instanceof AppError) return error.code;
  // A request's signal aborts without a reason of ours only when its caller is gone.
  if (error instanceof DOMException && error.name === 'AbortError') return 'hung_up';
  return asStoreFailure(error)?.code ?? 'internal_error';
}
