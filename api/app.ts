// The Koa application: every request passes these in this order.
import Koa from 'koa';
import { mountBoard } from './board/routes.ts';
import type { ApiDeps, ApiState } from './context.ts';
import { logAccess } from './middleware/access-log.ts';
import { answerErrors } from './middleware/errors.ts';
import { nameRequest } from './middleware/request-id.ts';
import { readTarget, refuseUnrouted } from './middleware/routing.ts';
import { setSecurityHeaders } from './middleware/security-headers.ts';
import { mountRoutes } from './route.ts';
import { listRoutes } from './routes/index.ts';

/** Codes of a connection that the other side broke off. */
const HUNG_UP = new Set<unknown>(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']);

export function createApp(deps: ApiDeps): Koa<ApiState> {
  const app = new Koa<ApiState>({ proxy: false });
  app.use(answerErrors(deps.log));
  app.use(nameRequest());
  app.use(setSecurityHeaders(deps));
  app.use(logAccess(deps.log));
  app.use(readTarget());
  app.use(mountRoutes(listRoutes(deps), deps).routes());
  app.use(mountBoard(deps).routes());
  app.use(refuseUnrouted());

  // What reaches this broke off an answer that had begun: Koa has cut the connection, and tells it twice.
  const told = new WeakSet<Error>();
  app.on('error', (error: unknown, ctx?: Koa.ParameterizedContext<ApiState>) => {
    if (error instanceof Error) {
      if (told.has(error) || ('code' in error && HUNG_UP.has(error.code))) return;
      told.add(error);
    }
    deps.log.error({ request_id: ctx?.state.requestId, err: error }, 'answer broken off');
  });
  return app;
}
