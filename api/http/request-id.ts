import { isId, newId } from '../../shared/audit/ids.ts';
import type { ApiMiddleware } from './context.ts';

/**
 * Names the request in its answer and in the log. An id that the caller sent is kept only if it has the shape of ours.
 */
export function nameRequest(): ApiMiddleware {
  return function nameRequestById(ctx, next) {
    const sent = ctx.get('X-Request-Id');
    ctx.state.requestId = isId('request', sent) ? sent : newId('request');
    ctx.set('X-Request-Id', ctx.state.requestId);
    return next();
  };
}
