// The dashboard of the queues, for operators. It is not in the table of routes, because a package answers its pages,
// files and calls; the guards in front of it are the same.
import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { AppError } from '../../shared/errors/app-error.ts';
import { unlessAborted } from '../../shared/process/unless-aborted.ts';
import type { ApiContext, ApiDeps, ApiMiddleware, ApiState } from '../http/context.ts';
import { guard } from '../http/guards.ts';
import type { LoginDeps } from '../http/login.ts';
import { nameRoute } from '../http/mount-routes.ts';
import { demandOrigin } from '../http/other-hosts.ts';
import type { PipelineView } from '../http/pipeline-view.ts';
import { noteAccess, recordBeforeSending, recordNoted } from '../http/record-access.ts';
import { type BoardChange, readChange } from './board-change.ts';
import { loadBoard } from './load-board.ts';

const PATH = '/admin/queues';
const REDIS_DEADLINE_MS = 1_000;
/** A page of jobs takes milliseconds: an answer that takes longer means that Redis hangs. */
const ANSWER_DEADLINE_MS = 10_000;

/** Allows scripts, images and calls of this origin, and the inline styles that the pages create; nothing else. */
const CONTENT_SECURITY_POLICY = [
  ...["default-src 'none'", "script-src 'self'", "connect-src 'self'"],
  ...["style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "base-uri 'self'"],
  ...["form-action 'none'", "frame-ancestors 'self'"],
].join('; ');

/** Links of the package's page to fonts of another host, which the policy would refuse. */
const FOREIGN_LINKS = /<link[^>]*href="https:[^>]*>/g;

type BoardDeps = Pick<ApiDeps, 'pipeline' | 'recordAccess' | 'log'>;

export function mountBoard(deps: LoginDeps & BoardDeps & Pick<ApiDeps, 'rateLimiter'>): Router<ApiState> {
  const router = new Router<ApiState>({ sensitive: true, strict: true });
  const guards = [nameRoute(PATH, 'file'), ...guard('admin', deps), guardChanges];
  router.all([PATH, `${PATH}/{*page}`], ...guards, serveBoard(deps));
  return router;
}

const guardChanges: ApiMiddleware = (ctx, next) => {
  if (!isChange(ctx)) return next();
  if (!ctx.state.actor.permissions.includes('admin:write')) {
    throw new AppError('forbidden', 'The login lacks the permission admin:write.');
  }
  // SameSite=Lax is not enough: browsers send the cookie from other hosts of the same site as well. A browser leaves
  // `Sec-Fetch-Site` out over plain HTTP, hence the comparison of `Origin` and `Host`.
  if (ctx.get('Sec-Fetch-Site') === 'none') {
    throw new AppError('forbidden', 'Queues can be changed from their own dashboard only.');
  }
  return demandOrigin(ctx, next);
};

function serveBoard(deps: BoardDeps): (ctx: ApiContext) => Promise<void> {
  const { pipeline, log } = deps;
  const boards = new Map<'read' | 'write', Promise<Middleware>>();

  function getBoard({ queues }: PipelineView, access: 'read' | 'write'): Promise<Middleware> {
    const loading = boards.get(access) ?? loadBoard(queues, { path: PATH, readOnly: access === 'read' });
    boards.set(access, loading);
    return loading;
  }

  return function serveBoardOfQueues(ctx) {
    return recordBeforeSending(deps, ctx, () => answer(ctx));
  };

  async function answer(ctx: ApiContext): Promise<void> {
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
    const change = isChange(ctx) ? readChange(ctx.path, pipeline) : null;
    if (change) {
      // The package's own code acts, and cannot take it back.
      noteAccess(ctx, 'admin.change', change.queue);
      await recordNoted(deps, ctx);
    }
    // The console frames the board, and nobody else may.
    ctx.set('X-Frame-Options', 'SAMEORIGIN');
    try {
      const answered = board(ctx, async () => {
        throw new AppError('not_found', 'The dashboard has no such page.');
      });
      await unlessAborted(AbortSignal.timeout(ANSWER_DEADLINE_MS), answered);
      if (typeof ctx.body === 'string') ctx.body = ctx.body.replaceAll(FOREIGN_LINKS, '');
      // A page; its files, and the calls by which it refreshes itself every few seconds, are not recorded.
      if (ctx.response.is('html')) noteAccess(ctx, 'admin.view', PATH);
      if (change) logChange(ctx, change, ctx.status);
    } catch (error) {
      // It may have acted before it failed.
      if (change) logChange(ctx, change, null);
      throw translate(error, ctx.method, pipeline);
    }
  }

  /** `status`: of the answer; null where the dashboard threw. */
  function logChange({ method, state }: ApiContext, change: BoardChange, status: number | null): void {
    const { requestId, actor } = state;
    const who = { account_id: actor.accountId, user_id: actor.userId, request_id: requestId };
    log.info({ ...who, method, ...change, status }, 'a queue was changed from the dashboard');
  }
}

function isChange({ method }: Pick<ApiContext, 'method'>): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Turns errors of the board's packages, which carry an HTTP status, into errors of ours. */
function translate(cause: unknown, method: string, { redis }: PipelineView): unknown {
  if (cause instanceof AppError) return cause;
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : 500;
  if (status < 500) {
    return method === 'GET' || method === 'HEAD'
      ? new AppError('not_found', 'The dashboard has no such page.', { cause })
      : new AppError('validation_failed', 'The dashboard cannot read this call.', { cause });
  }
  const isAway = redis.status !== 'ready' || (cause instanceof DOMException && cause.name === 'TimeoutError');
  return isAway
    ? new AppError('unavailable', 'Redis stopped answering during the request. Try again.', { cause })
    : cause;
}
