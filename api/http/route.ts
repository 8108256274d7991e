// A route is declared, not programmed: who may call it, what it accepts, what answers. `mountRoutes` puts the
// checks in their one order: login, rate limit, permission, query, then the handler, which looks for what is named.
import { Router } from '@koa/router';
import type { z } from 'zod';
import type { Permission } from '../../shared/accounts/permissions.ts';
import type { ApiContext, ApiDeps, ApiMiddleware, ApiState } from './context.ts';
import { requireLogin } from './login.ts';
import { requirePermission } from './permission.ts';
import { parseQuery } from './query.ts';
import { limitRate } from './rate-limit.ts';

/** `public`: anyone. `login`: any login. Otherwise a login that holds the permission. */
export type Access = 'public' | 'login' | Permission;

/** Answers GET, and HEAD with it. */
export type Route = Readonly<{
  path: `/${string}`;
  access: Access;
  answer(ctx: ApiContext): Promise<void> | void;
}>;

type RouteSpec<Schema extends z.ZodObject> = Readonly<{
  path: `/${string}`;
  access: Access;
  /** The query parameters; others are ignored. */
  query: Schema;
  handle(ctx: ApiContext, query: z.output<Schema>): Promise<void> | void;
}>;

export function defineRoute<Schema extends z.ZodObject>(spec: RouteSpec<Schema>): Route {
  const { path, access, query } = spec;
  return { path, access, answer: (ctx) => spec.handle(ctx, parseQuery(query, ctx.querystring)) };
}

export function mountRoutes(routes: readonly Route[], deps: ApiDeps): Router<ApiState> {
  const router = new Router<ApiState>({ sensitive: true, strict: true });
  for (const { path, access, answer } of routes) {
    router.get(path, nameRoute(path), ...guard(access, deps), answer);
  }
  return router;
}

/** The checks in front of what is not for everybody, in their order. */
export function guard(access: Access, deps: ApiDeps): ApiMiddleware[] {
  if (access === 'public') return [];
  const known = [requireLogin(deps), ...(deps.rateLimiter ? [limitRate(deps.rateLimiter)] : [])];
  return access === 'login' ? known : [...known, requirePermission(access)];
}

/** Leaves the route's pattern for the log. */
export function nameRoute(path: string): ApiMiddleware {
  return function nameRouteForLog(ctx, next) {
    ctx.state.route = path;
    return next();
  };
}
