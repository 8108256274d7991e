// The edge of the API: one table from code to status and text turns every failure into the envelope.
import { AppError, type ErrorCode } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import type { ApiContext, ApiDeps, ApiMiddleware } from './context.ts';
import { type ErrorFields, formatError } from './error-envelope.ts';

type Answer = Readonly<{
  status: number;
  /** Text for callers; null sends the error's own message. */
  message: string | null;
}>;

const ANSWERS = {
  unauthenticated: {
    status: 401,
    message: 'A valid login is required: sign in again, or send Authorization: Bearer with a valid token.',
  },
  forbidden: { status: 403, message: null },
  validation_failed: { status: 422, message: null },
  not_found: { status: 404, message: 'No resource has this address.' },
  session_not_found: { status: 404, message: 'No session with this ID exists in your account.' },
  agent_not_found: { status: 404, message: 'No agent with this ID exists in your account.' },
  report_not_found: {
    status: 404,
    message:
      'No report with this ID was issued to your account or ordered for the background, or the order ended more than 30 days ago.',
  },
  not_logged_yet: {
    status: 404,
    message:
      'It exists, and no signed checkpoint of the account log covers it yet: an open session has no proof, and the log follows within a minute. Try again after Retry-After.',
  },
  report_not_ready: { status: 409, message: null },
  report_expired: {
    status: 410,
    message: 'The bytes of this report are removed. Order it again with Prefer: respond-async.',
  },
  token_not_found: { status: 404, message: 'No token with this ID exists in your account.' },
  webhook_not_found: { status: 404, message: 'No webhook with this ID exists in your account.' },
  id_taken: { status: 409, message: 'This ID is in use and not for you to write: make a new ULID.' },
  policy_conflict: { status: 409, message: null },
  session_conflict: { status: 409, message: null },
  event_conflict: { status: 409, message: null },
  session_closed: { status: 409, message: null },
  log_failed: { status: 409, message: null },
  body_too_large: { status: 413, message: null },
  unsupported_media_type: { status: 415, message: null },
  range_not_satisfiable: {
    status: 416,
    message: 'The report has no such bytes: Content-Range says how many it has.',
  },
  method_not_allowed: {
    status: 405,
    message: 'This address does not take this method: see the header Allow.',
  },
  rate_limited: {
    status: 429,
    message: 'Your account sends too many requests. Try again after Retry-After.',
  },
  overloaded: { status: 503, message: 'The service is busy. Try again after Retry-After.' },
  unavailable: { status: 503, message: null },
  report_generation_failed: { status: 500, message: null },
  internal_error: {
    status: 500,
    message: 'The service failed. State the request_id when you report it.',
  },
} as const satisfies Record<ErrorCode, Answer>;

/** Answers a failure with a page. */
export type AnswerAsPage = (ctx: ApiContext, status: number, fields: ErrorFields) => void;

/**
 * The outermost middleware: answers every failure inside with JSON, or with a page where a browser shows the answer, and
 * keeps the headers that were set before.
 */
export function answerErrors(
  { log }: Pick<ApiDeps, 'log'>,
  answerAsPage: AnswerAsPage | null = null,
): ApiMiddleware {
  return async function answerErrorsOnce(ctx, next) {
    try {
      await next();
    } catch (thrown) {
      const { requestId } = ctx.state;
      const error = toAppError(thrown);
      const { status, message } = ANSWERS[error.code];
      const line = { request_id: requestId, code: error.code, reason: error.reason, err: thrown };
      // The caller hung up: there is no one to answer, and the failure is most likely the abort.
      if (!ctx.writable) return log.debug(line, 'caller hung up');
      if (status === 500) log.error(line, 'request failed');
      else if (status > 500) log.warn(line, 'request refused');
      // RFC 9110 §11.6.1 demands a scheme with every 401.
      if (status === 401) ctx.set('WWW-Authenticate', 'Bearer');
      if (error.retryAfterS !== undefined) ctx.set('Retry-After', String(error.retryAfterS));
      const fields = {
        code: error.code,
        message: message ?? error.message,
        request_id: requestId,
        param: error.param,
        reason: error.reason,
      };
      if (answerAsPage && isShown(ctx)) return answerAsPage(ctx as ApiContext, status, fields);
      ctx.status = status;
      ctx.type = 'json';
      ctx.body = formatError(fields);
    }
  };
}

/**
 * Whether a browser shows the answer to a person: the route is a page, or no route has the path, or a link leads to a
 * route of the API. A program that asks for HTML gets it from pages alone.
 */
function isShown(ctx: Pick<ApiContext, 'state' | 'get'>): boolean {
  const { kind } = ctx.state;
  if (kind === 'page') return true;
  const takesHtml = ctx.get('Accept').includes('text/html');
  return takesHtml && (kind === undefined || ctx.get('Sec-Fetch-Mode') === 'navigate');
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof DamagedLog) return reportFailure('account_log', DAMAGED, thrown);
  return asStoreFailure(thrown) ?? new AppError('internal_error', 'Unforeseen failure.', { cause: thrown });
}

const DAMAGED =
  'The account log is not what was signed of it, so nothing can be proven by it. /health and the log of the workers say since when; npm run verify -- --all says how.';
