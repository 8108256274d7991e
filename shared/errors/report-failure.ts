// The error of a report that was not made. Its message is for people; programs read its reason.
import { AppError, type ReportFailureReason } from './app-error.ts';

/** Seconds after which a caller may try again; null where the same request would fail again. */
const RETRY_AFTER_S = {
  log_failed: null,
  key_missing: null,
  key_out_of_scope: null,
  deadline: 30,
  overloaded_renderer: 10,
  renderer: 1,
  leak_scan: null,
  policy_missing: null,
  account_log: null,
  stored_bytes: null,
  stored_order: null,
} as const satisfies Record<ReportFailureReason, number | null>;

/** Makes a `report_generation_failed`. The message may be sent to callers, so it holds no PHI. */
export function reportFailure(reason: ReportFailureReason, message: string, cause?: unknown): AppError {
  const retryAfterS = RETRY_AFTER_S[reason];
  return new AppError('report_generation_failed', message, {
    reason,
    cause,
    ...(retryAfterS !== null && { retryAfterS }),
  });
}
