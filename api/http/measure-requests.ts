// Measures each request until the last byte of its answer.
import type { ServerResponse } from 'node:http';
import type { ApiDeps, ApiMiddleware, ApiState } from './context.ts';

/** Answers under way, with the status by which the connection was refused in their place. */
const measured = new WeakMap<ServerResponse, { refusal: number | null }>();

export function measureRequests({ metrics: { requests } }: Pick<ApiDeps, 'metrics'>): ApiMiddleware {
  return function measureRequestsUntilClose(ctx, next) {
    const startedAt = performance.now();
    const ending = { refusal: null };
    measured.set(ctx.res, ending);
    requests.begin();
    ctx.res.once('close', () => {
      const { route }: Partial<ApiState> = ctx.state;
      requests.end({
        method: ctx.method,
        route,
        status: ctx.res.headersSent ? ctx.res.statusCode : ending.refusal,
        durationS: (performance.now() - startedAt) / 1000,
      });
    });
    return next();
  };
}

/** Notes that a request broke and was refused with a status. False where none measures it: it never reached the app. */
export function noteRefusal(answer: ServerResponse, status: number): boolean {
  const ending = measured.get(answer);
  if (ending) ending.refusal = status;
  return ending !== undefined;
}
