// The one error class that crosses module borders, and the closed list of its codes. Messages are safe to log: no PHI,
// no value that a caller sent.

/** The error codes of the API. `api/http/errors.ts` gives each its status and public text. */
export const ERROR_CODES = [
  'unauthenticated',
  'forbidden',
  'validation_failed',
  'not_found',
  'session_not_found',
  'agent_not_found',
  'method_not_allowed',
  'rate_limited',
  'overloaded',
  'unavailable',
  'report_generation_failed',
  'internal_error',
] as const;

/** One of `ERROR_CODES`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The parts of an error besides its code and message. All are optional. */
export type AppErrorDetail = {
  /** The request parameter at fault, for `validation_failed`. */
  param?: string;
  /** Seconds after which the caller may try again, for `overloaded` and `rate_limited`. */
  retryAfterS?: number;
  /** The error behind this one, for the log; never sent. */
  cause?: unknown;
};

/** An error with a code of the API. Its message may be sent to callers and logged, so it holds no PHI. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, detail: AppErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'AppError';
    this.code = code;
    this.param = detail.param;
    this.retryAfterS = detail.retryAfterS;
  }
}
