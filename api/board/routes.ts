// The dashboard of the queues, for operators: beside the typed routes because it has pages, files and calls of its own,
// behind the same checks.
import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps, ApiMiddleware, ApiState } from '../http/context.ts';
import type { PipelineView } from '../http/pipeline-view.ts';
import { unlessAborted } from '../http/request-signal.ts';
import { guard, nameRoute } from '../http/route.ts';
import { loadBoard } from './load-board.ts';

const PATH = '/admin/queues';
const REDIS_DEADLINE_MS = 1_000;
/** A page of jobs takes milliseconds; a Redis that begins to hang meanwhile is not waited for. */
const ANSWER_DEADLINE_MS = 10_000;

/** Its own scripts and pictures, its own calls, and styles that it makes as it runs; nothing from elsewhere. */
const CONTENT_SECURITY_POLICY = [
  ...["default-src 'none'", "script-src 'self'", "connect-src 'self'"],
  ...["style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "base-uri 'self'"],
  ...["form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

export function mountBoard(deps: ApiDeps): Router<ApiState> {
  const router = new Router<ApiState>({ sensitive: true, strict: true });
  const guards = [nameRoute(PATH), ...guard('admin', deps), guardChanges];
  router.all([PATH, `${PATH}/{*page}`], ...guards, serveBoard(deps));
  return router;
}

const guardChanges: ApiMiddleware = (ctx, next) => {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return next();
  if (!ctx.state.actor.permissions.includes('admin:write')) {
    throw new AppError('forbidden', 'The login lacks the permission admin:write.');
  }
  // Browsers send the cookie along from other hosts of the same site as well.
  const from = ctx.get('Sec-Fetch-Site');
  if (from !== '' && from !== 'same-origin') {
    throw new AppError('forbidden', 'Queues are changed from their own dashboard only.');
  }
  return next();
};

function serveBoard({ pipeline }: ApiDeps): (ctx: ApiContext) => Promise<void> {
  const boards = new Map<'read' | 'write', Promise<Middleware>>();

  function getBoard({ queues }: PipelineView, access: 'read' | 'write'): Promise<Middleware> {
    const loading = boards.get(access) ?? loadBoard(queues, { path: PATH, readOnly: access === 'read' });
    boards.set(access, loading);
    return loading;
  }

  return async function serveBoardOfQueues(ctx) {
    if (pipeline === null) {
      throw new AppError(
        'unavailable',
        'No queues are configured: set REDIS_URL to the Redis of the workers.',
      );
    }
    await pipeline.within(REDIS_DEADLINE_MS, () => pipeline.redis.ping());
    const { permissions } = ctx.state.actor;
    const board = await getBoard(pipeline, permissions.includes('admin:write') ? 'write' : 'read');
    ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    try {
      const answered = board(ctx, async () => {
        throw new AppError('not_found', 'The dashboard has no such page.');
      });
      await unlessAborted(AbortSignal.timeout(ANSWER_DEADLINE_MS), answered);
    } catch (error) {
      throw translate(error, ctx.method, pipeline);
    }
  };
}

/** What went wrong, in our words: the board's packages have errors with a status of their own. */
function translate(cause: unknown, method: string, { redis }: PipelineView): unknown {
  if (cause instanceof AppError) return cause;
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : 500;
  if (status < 500) {
    return method === 'GET' || method === 'HEAD'
      ? new AppError('not_found', 'The dashboard has no such page.', { cause })
      : new AppError('validation_failed', 'The dashboard cannot read this call.', { cause });
  }
  const isAway = redis.status !== 'ready' || (cause instanceof DOMException && cause.name === 'TimeoutError');
  return isAway ? new AppError('unavailable', 'Redis went away meanwhile. Try again.', { cause }) : cause;
}
