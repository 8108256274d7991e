// The metrics of one app. Labels name routes, formats, outcomes and parts of the program, never an account, an agent or
// a session: anyone who reaches the port may read metrics.
import type { Registry } from 'prom-client';
import { createProcessRegistry } from '../../shared/metrics/process-registry.ts';
import { createReportTimer, type TimeReport } from '../../shared/metrics/report-timer.ts';
import { createRequestMeter, type RequestMeter } from './request-meter.ts';

export type Metrics = Readonly<{
  registry: Registry;
  /** Measures how long a report takes and how it ends. */
  timeReport: TimeReport;
  requests: RequestMeter;
  /** Counts a log that a request found to fail: a report or a session page. */
  countFailedLog(): void;
  failedLogs(): number;
}>;

export function createMetrics(): Metrics {
  const registry = createProcessRegistry('api');
  let failedLogs = 0;

  return {
    registry,
    timeReport: createReportTimer(registry),
    requests: createRequestMeter(registry),
    countFailedLog() {
      failedLogs += 1;
    },
    failedLogs: () => failedLogs,
  };
}
