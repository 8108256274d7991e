// The edge of the API: one table from code to status and text turns every failure into the envelope.
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import { dependencyOf } from '../../shared/process/dependency-error.ts';
import { tellTrouble } from '../../shared/process/trouble.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import type { ApiContext, ApiDeps, ApiMiddleware } from './context.ts';
import { type ErrorFields, formatError } from './error-envelope.ts';
import { ERROR_TABLE } from './error-table.ts';

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
      const { status, message } = ERROR_TABLE[error.code];
      const line = { request_id: requestId, code: error.code, reason: error.reason, err: thrown };
      // The caller hung up: there is no one to answer, and the failure is most likely the abort.
      if (!ctx.writable) return log.debug(line, 'caller hung up');
      if (status === 500) log.error(line, 'request failed');
      else if (status > 500) tellRefused(log, line);
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

/** A server that is away refuses every request: one line a minute says so. */
function tellRefused(
  log: ApiDeps['log'],
  line: Readonly<{ request_id: string; code: string; err: unknown }>,
): void {
  const { err, request_id, code } = line;
  const dependency = dependencyOf(err);
  if (dependency !== null) tellTrouble(log, dependency, err, { request_id, code });
  log[dependency === null ? 'warn' : 'debug'](line, 'request refused');
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
