// Answers to requests that no route takes.
import type { Layer } from '@koa/router';
import type { Middleware } from 'koa';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiMiddleware, ApiState } from './context.ts';

/**
 * Stands in front of the router. A target that is not a URL (`GET http://[ HTTP/1.1`) is a 404, not a failure of the
 * router.
 */
export function readTarget(): ApiMiddleware {
  return function readTargetBeforeRouting(ctx, next) {
    try {
      void ctx.path;
    } catch (cause) {
      throw new AppError('not_found', 'The request target is not a URL.', { cause });
    }
    return next();
  };
}

/** Stands behind the router. The path is unknown, or the method is not one that the path takes. */
export function refuseUnrouted(): Middleware<ApiState, { matched?: readonly Pick<Layer, 'methods'>[] }> {
  return function refuseUnroutedRequest(ctx) {
    if (!ctx.matched?.length) throw new AppError('not_found', 'No route has this path.');
    const methods = new Set([...ctx.matched.flatMap((layer) => layer.methods), 'OPTIONS']);
    ctx.set('Allow', [...methods].sort().join(', '));
    if (ctx.method !== 'OPTIONS')
      throw new AppError('method_not_allowed', 'The route does not take this method.');
    ctx.status = 204;
  };
}
