// One line for each request, of chosen fields: the route's pattern, never the path or a value of the query.
import type { ApiDeps, ApiMiddleware, ApiState } from './context.ts';

export function logAccess({ log }: Pick<ApiDeps, 'log'>): ApiMiddleware {
  return function logAccessOnClose(ctx, next) {
    const startedAt = performance.now();
    // Logs on `close`, not after `next()`: a streamed answer is still being written then.
    ctx.res.once('close', () => {
      const { requestId, route, actor }: Partial<ApiState> = ctx.state;
      log.info(
        {
          request_id: requestId,
          method: ctx.method,
          route: route ?? null,
          // Koa has a status from the start, even if it never sends one.
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
