import { AppError } from '../../../shared/errors/app-error.ts';
import type { Deadline } from '../../../workers/reports/pool.ts';
import type { ApiDeps } from '../../http/context.ts';

/** The deadline of a report that begins now. */
export function reportDeadline({ reportTimeoutMs }: Pick<ApiDeps, 'reportTimeoutMs'>): Deadline {
  return { atMs: performance.now() + reportTimeoutMs, reason: tooLate };
}

function tooLate(): AppError {
  return new AppError(
    'report_generation_failed',
    'The report took longer than this deployment allows. Try again later.',
  );
}
