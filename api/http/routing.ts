// What happens to a request that no route answers.
import type { Middleware } from 'koa';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ApiMiddleware, ApiState } from './context.ts';

const ALLOW = 'GET, HEAD, OPTIONS';

/** Reads the target once, in front of the router: one that is no URL (`GET http://[ HTTP/1.1`) names no route. */
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

/** Behind the router: the path is unknown, or known and the method is not one it takes. */
export function refuseUnrouted(): Middleware<ApiState, { matched?: readonly unknown[] }> {
  return function refuseUnroutedRequest(ctx) {
    if (!ctx.matched?.length) throw new AppError('not_found', 'No route has this path.');
    ctx.set('Allow', ALLOW);
    if (ctx.method !== 'OPTIONS') throw new AppError('method_not_allowed', 'The route takes GET only.');
    ctx.status = 204;
  };
}
