// The metrics of one app. Labels name routes, formats, outcomes and parts of the program, never an account, an agent or
// a session: anyone who reaches the port may read metrics.
import { Counter, type Registry } from 'prom-client';
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
  /** Counts rows that lists passed over, since they are damaged. */
  countDamagedRows(count: number): void;
}>;

export function createMetrics(): Metrics {
  const registry = createProcessRegistry('api');
  const damagedRows = new Counter({
    name: 'masker_damaged_rows_passed_over_total',
    help: 'Session rows that lists passed over, each time that a list met one. npm run verify -- --all names them.',
    registers: [registry],
  });
  let failedLogs = 0;

  return {
    registry,
    timeReport: createReportTimer(registry),
    requests: createRequestMeter(registry),
    countFailedLog() {
      failedLogs += 1;
    },
    failedLogs: () => failedLogs,
    countDamagedRows(count) {
      if (count > 0) damagedRows.inc(count);
    },
  };
}
