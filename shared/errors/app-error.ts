// The one error class that crosses module borders, and the closed lists of its codes and reasons. Messages are safe to log: no PHI,
// no value that a caller sent.

/** The error codes of the API. `api/http/error-table.ts` gives each its status, text, meaning and remedy. */
export const ERROR_CODES = [
  'unauthenticated',
  'forbidden',
  'validation_failed',
  'not_found',
  'session_not_found',
  'agent_not_found',
  'report_not_found',
  'not_logged_yet',
  'report_not_ready',
  'report_expired',
  'token_not_found',
  'webhook_not_found',
  'id_taken',
  'policy_conflict',
  'session_conflict',
  'event_conflict',
  'session_closed',
  'log_failed',
  'body_too_large',
  'unsupported_media_type',
  'range_not_satisfiable',
  'method_not_allowed',
  'rate_limited',
  'overloaded',
  'unavailable',
  'report_generation_failed',
  'internal_error',
] as const;

/** One of `ERROR_CODES`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Why a report failed. `log_failed`: its audit log failed. `key_missing`: the log's key is not configured, or is another
 * key of that name. `key_out_of_scope`: the log's key may not sign for this account or time. `deadline`: it took too
 * long. `overloaded_renderer`: the PDF waited for its turn until the deadline, or for longer than it then had left.
 * `renderer`: Chromium or a report thread broke off, or Chromium left out a part of the text. `leak_scan`: it may hold
 * PHI, or cannot be searched for it. `policy_missing`: the policy in force is not stored as the session records it, or
 * cannot be read. `account_log`: the account log does not hold, or recorded the session otherwise than it is stored.
 * `stored_bytes`: the bytes of a report from the background are not those that the signed row of the ledger states, its job
 * states what nobody signed, or another report has its id. `stored_order`: the order for such a report is not one that this
 * deployment took, or its report was issued already.
 */
export const REPORT_FAILURE_REASONS = [
  'log_failed',
  'key_missing',
  'key_out_of_scope',
  'deadline',
  'overloaded_renderer',
  'renderer',
  'leak_scan',
  'policy_missing',
  'account_log',
  'stored_bytes',
  'stored_order',
] as const;

/** One of `REPORT_FAILURE_REASONS`. */
export type ReportFailureReason = (typeof REPORT_FAILURE_REASONS)[number];

/** The parts of an error besides its code and message. All are optional. */
export type AppErrorDetail = {
  /** The request parameter at fault, for `validation_failed`. */
  param?: string;
  /** Why no report was made, for `report_generation_failed`: set by `reportFailure`. */
  reason?: ReportFailureReason;
  /** Seconds after which the caller may try again. */
  retryAfterS?: number;
  /** The error behind this one, for the log; never sent. */
  cause?: unknown;
};

/** An error with a code of the API. Its message may be sent to callers and logged, so it holds no PHI. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly reason: ReportFailureReason | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, detail: AppErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'AppError';
    this.code = code;
    this.param = detail.param;
    this.reason = detail.reason;
    this.retryAfterS = detail.retryAfterS;
  }
}
