// The edge of the program: every failure becomes one envelope here, by one table from code to status and text.
import { AppError, type ErrorCode } from '../../shared/errors/app-error.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import type { Logger } from '../../shared/process/log.ts';
import type { ApiMiddleware } from './context.ts';

type Answer = Readonly<{
  status: number;
  /** What callers read; null shows the error's own message. */
  message: string | null;
}>;

const ANSWERS = {
  unauthenticated: { status: 401, message: 'A valid masker_session cookie is required.' },
  forbidden: { status: 403, message: null },
  validation_failed: { status: 422, message: null },
  not_found: { status: 404, message: 'There is nothing at this address.' },
  session_not_found: { status: 404, message: 'No session with this ID exists in your account.' },
  agent_not_found: { status: 404, message: 'No agent with this ID exists in your account.' },
  method_not_allowed: { status: 405, message: 'This address takes GET only.' },
  rate_limited: {
    status: 429,
    message: 'Your account sends too many requests. Try again after Retry-After.',
  },
  overloaded: { status: 503, message: 'Too much is running at the moment. Try again shortly.' },
  unavailable: { status: 503, message: null },
  report_generation_failed: { status: 500, message: null },
  internal_error: {
    status: 500,
    message: 'Something went wrong here. Quote the request_id when you report it.',
  },
} as const satisfies Record<ErrorCode, Answer>;

/** The outermost middleware: whatever fails inside leaves as JSON, with the headers that were set so far. */
export function answerErrors(log: Logger): ApiMiddleware {
  return async function answerErrorsAsJson(ctx, next) {
    try {
      await next();
    } catch (thrown) {
      const { requestId } = ctx.state;
      const error = toAppError(thrown);
      const { status, message } = ANSWERS[error.code];
      const line = { request_id: requestId, code: error.code, err: thrown };
      // The caller hung up: nobody is left to answer, and what broke off is hardly a fault.
      if (!ctx.writable) return log.debug(line, 'caller hung up');
      if (status === 500) log.error(line, 'request failed');
      else if (status > 500) log.warn(line, 'request refused');
      if (error.retryAfterS !== undefined) ctx.set('Retry-After', String(error.retryAfterS));
      ctx.status = status;
      ctx.type = 'json';
      ctx.body = formatError(error.code, message ?? error.message, requestId, error.param);
    }
  };
}

/** The envelope of every error. */
export function formatError(code: string, message: string, requestId: string, param?: string): string {
  return JSON.stringify({
    error: { code, message, request_id: requestId, ...(param !== undefined && { param }) },
  });
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return asStoreFailure(thrown) ?? new AppError('internal_error', 'Unforeseen failure.', { cause: thrown });
}
