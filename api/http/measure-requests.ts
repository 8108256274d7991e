// Measures each request until the last byte of its answer.
import type { ApiDeps, ApiMiddleware, ApiState } from './context.ts';

export function measureRequests({ metrics: { requests } }: Pick<ApiDeps, 'metrics'>): ApiMiddleware {
  return function measureRequestsUntilClose(ctx, next) {
    const startedAt = performance.now();
    requests.begin();
    ctx.res.once('close', () => {
      const { route }: Partial<ApiState> = ctx.state;
      requests.end({
        method: ctx.method,
        route,
        status: ctx.res.headersSent ? ctx.res.statusCode : null,
        durationS: (performance.now() - startedAt) / 1000,
      });
    });
    return next();
  };
}
