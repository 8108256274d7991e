// The Koa application: every request passes these in this order.
import Koa from 'koa';
import { mountBoard } from './board/routes.ts';
import { logAccess } from './http/access-log.ts';
import type { ApiDeps, ApiState } from './http/context.ts';
import { answerErrors } from './http/errors.ts';
import { nameRequest } from './http/request-id.ts';
import { mountRoutes } from './http/route.ts';
import { readTarget, refuseUnrouted } from './http/routing.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
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
