import type { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { PdfPlace } from '../../../workers/pdf/pdf.ts';
import type { Deadline } from '../../../workers/reports/pool.ts';
import type { ApiDeps } from '../../http/context.ts';

/** A report's deadline. Its reason tells a renderer that was busy until then from a report that takes long. */
export type ReportDeadline = Deadline & {
  /** The report's place at the renderer; null where it has none. */
  printer: Pick<PdfPlace, 'wait'> | null;
};

/** The deadline of a report that begins now. */
export function reportDeadline(deps: Pick<ApiDeps, 'reportTimeoutMs'>): ReportDeadline {
  return deadlineIn(deps, 'a log that is too long for REPORT_TIMEOUT_MS needs a longer one');
}

/** The deadline of a report over many sessions. */
export function wideReportDeadline(deps: Pick<ApiDeps, 'reportTimeoutMs'>): ReportDeadline {
  return deadlineIn(
    deps,
    'a window that is too long for REPORT_TIMEOUT_MS is reported on in the background with Prefer: respond-async, or by npm run report',
  );
}

const NO_WAIT = { beganMs: 0, endedMs: 0 };

function deadlineIn({ reportTimeoutMs }: Pick<ApiDeps, 'reportTimeoutMs'>, remedy: string): ReportDeadline {
  const deadline: ReportDeadline = {
    atMs: performance.now() + reportTimeoutMs,
    printer: null,
    // A turn that came in the last moment helped nobody, however long the report took before it waited.
    reason: () => {
      const { atMs, printer } = deadline;
      const { beganMs, endedMs } = printer?.wait() ?? NO_WAIT;
      const wasInTime = beganMs < atMs;
      return wasInTime && endedMs - beganMs > atMs - endedMs ? rendererBusy() : tooLate(remedy);
    },
  };
  return deadline;
}

function tooLate(remedy: string): AppError {
  return reportFailure(
    'deadline',
    `The report took longer than this deployment allows. Try again after Retry-After; ${remedy}.`,
  );
}

function rendererBusy(): AppError {
  return reportFailure(
    'overloaded_renderer',
    'The PDF waited for its turn to be printed until the deadline, or for longer than it then had left to be printed. Try again after Retry-After, or ask for format=json.',
  );
}
