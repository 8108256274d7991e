// The Koa application: every request passes the middleware in this order.
import Koa from 'koa';
import { mountBoard } from './board/routes.ts';
import { createConsole } from './console/index.ts';
import { logAccess } from './http/access-log.ts';
import type { ApiDeps, ApiState } from './http/context.ts';
import { answerErrors } from './http/errors.ts';
import { measureRequests } from './http/measure-requests.ts';
import { mountRoutes } from './http/mount-routes.ts';
import { nameRequest } from './http/request-id.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
import { readTarget, refuseUnrouted } from './http/unrouted.ts';
import { ROUTES } from './routes/index.ts';

/** Error codes of a connection that the caller closed. */
const HUNG_UP = new Set<unknown>(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']);

export function createApp(deps: ApiDeps): Koa<ApiState> {
  const app = new Koa<ApiState>({ proxy: false });
  const { routers, answerAsPage } = createConsole(deps);
  app.use(measureRequests(deps));
  app.use(answerErrors(deps, answerAsPage));
  app.use(nameRequest());
  app.use(setSecurityHeaders(deps));
  app.use(logAccess(deps));
  app.use(readTarget());
  app.use(mountRoutes(ROUTES, deps).routes());
  for (const router of routers) app.use(router.routes());
  app.use(mountBoard(deps).routes());
  app.use(refuseUnrouted());

  // An error after the answer has begun: Koa has cut the connection, and emits the error twice.
  const logged = new WeakSet<Error>();
  app.on('error', (error: unknown, ctx?: Koa.ParameterizedContext<ApiState>) => {
    if (error instanceof Error) {
      if (logged.has(error) || ('code' in error && HUNG_UP.has(error.code))) return;
      logged.add(error);
    }
    deps.log.error({ request_id: ctx?.state.requestId, err: error }, 'answer broken off');
  });
  return app;
}
