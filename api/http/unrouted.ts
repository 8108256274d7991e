// Answers to requests that no route takes.
import type { Layer } from '@koa/router';
import type { Context, Middleware } from 'koa';
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

/** What the router leaves: the layers whose paths have the form of the request's. */
type Matched = { matched?: readonly Pick<Layer, 'methods' | 'path'>[] };

/** Stands behind the router. The path is unknown, or the method is not one that the path takes. */
export function refuseUnrouted(): Middleware<ApiState, Matched> {
  return function refuseUnroutedRequest(ctx) {
    if (!ctx.matched?.length) throw new AppError('not_found', 'No route has this path.');
    if (ctx.method !== 'OPTIONS') refuseMethod(ctx);
    ctx.set('Allow', allowedMethods(ctx));
    ctx.status = 204;
  };
}

/** Throws `method_not_allowed`, with the methods that the path takes in `Allow`. */
export function refuseMethod(ctx: Pick<Context, 'path' | 'set'> & Matched): never {
  ctx.set('Allow', allowedMethods(ctx));
  throw new AppError('method_not_allowed', 'The route does not take this method.');
}

/** A path that a route has as it is, such as `/reports/ledger`, is not one of a route with a param in its place. */
function allowedMethods({ path, matched = [] }: Pick<Context, 'path'> & Matched): string {
  const exact = matched.filter((layer) => layer.path === path);
  const layers = exact.length > 0 ? exact : matched;
  return [...new Set([...layers.flatMap(({ methods }) => methods), 'OPTIONS'])].sort().join(', ');
}
