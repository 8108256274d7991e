// One line a request, of chosen fields only: the route's pattern, never the path or a query value.
import type { Logger } from '../../shared/process/log.ts';
import type { ApiMiddleware, ApiState } from './context.ts';

export function logAccess(log: Logger): ApiMiddleware {
  return function logAccessOnClose(ctx, next) {
    const startedAt = performance.now();
    // Not after `next()`: a streamed answer is still being written then.
    ctx.res.once('close', () => {
      const { requestId, route, actor }: Partial<ApiState> = ctx.state;
      log.info(
        {
          request_id: requestId,
          method: ctx.method,
          route: route ?? null,
          // Koa has a status from the start, whether or not anybody gets to see it.
          status: ctx.res.headersSent ? ctx.status : null,
          complete: ctx.res.writableFinished,
          duration_ms: Math.round(performance.now() - startedAt),
          account_id: actor?.accountId ?? null,
        },
        'request',
      );
    });
    return next();
  };
}
