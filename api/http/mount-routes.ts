// The router of a table of routes. Every request is checked in one order: where it comes from if it changes something,
// login, rate limit, permission, query, body, and then by the handler, which looks for what the path names.
import { Router } from '@koa/router';
import type { z } from 'zod';
import { tagAnswer } from './answer-tag.ts';
import { readBody } from './body.ts';
import { compressAnswer } from './compress-answer.ts';
import type { ApiContext, ApiDeps, ApiMiddleware, ApiState } from './context.ts';
import { guard } from './guards.ts';
import { demandOriginWithCookie, refuseCrossSiteReads, refuseOtherHosts } from './other-hosts.ts';
import { parseQuery, withoutEmpty } from './query.ts';
import { noteAccess, recordBeforeSending } from './record-access.ts';
import type { RouteSpec } from './route-spec.ts';
import { refuseMethod } from './unrouted.ts';

export function mountRoutes(routes: readonly RouteSpec[], deps: ApiDeps): Router<ApiState> {
  const router = new Router<ApiState>({ sensitive: true, strict: true });
  const plain = new Set<string>(routes.map(({ path }) => path).filter((path) => !path.includes('{')));
  for (const route of routes) {
    // `{name+}` takes the rest of the path, slashes included.
    const pattern = route.path.replaceAll(/\{(\w+)\+\}/g, '*$1').replaceAll(/\{(\w+)\}/g, ':$1');
    router[route.method](
      pattern,
      ...(plain.has(route.path) ? [] : [leaveTo(plain)]),
      nameRoute(pattern, route.kind),
      ...originChecks(route),
      ...guard(route.permission, deps),
      ...(isWrite(route) ? [demandOriginWithCookie] : []),
      answerRoute(route, deps),
    );
  }
  return router;
}

/** A param has the form of any segment: `DELETE /reports/ledger` names no report, and is a method that the ledger lacks. */
function leaveTo(plain: ReadonlySet<string>): ApiMiddleware {
  return function leaveToPlainPath(ctx, next) {
    return plain.has(ctx.path) ? refuseMethod(ctx) : next();
  };
}

function originChecks({ method, records }: RouteSpec): ApiMiddleware[] {
  if (method !== 'get') return [refuseOtherHosts];
  return records ? [refuseCrossSiteReads] : [];
}

/** A call of the API that changes something for whoever is logged in. */
function isWrite({ method, permission, kind }: RouteSpec): boolean {
  return method !== 'get' && permission !== 'public' && kind !== 'page';
}

/** Leaves the route's pattern for the log, and what it sends for its errors. */
export function nameRoute(pattern: string, kind: RouteSpec['kind']): ApiMiddleware {
  return function nameRouteForLog(ctx, next) {
    ctx.state.route = pattern;
    ctx.state.kind = kind;
    return next();
  };
}

function answerRoute(route: RouteSpec, deps: ApiDeps): (ctx: ApiContext) => Promise<void> {
  const answer = (ctx: ApiContext) => answerByHandler(route, deps, ctx);
  if (!route.takesTurns) return answer;
  return async function answerInTurn(ctx) {
    await deps.listTurns.run(ctx.state.actor.accountId, async () => {
      // The caller may have hung up meanwhile.
      if (!ctx.res.closed) await answer(ctx);
    });
  };
}

async function answerByHandler(route: RouteSpec, deps: ApiDeps, ctx: ApiContext): Promise<void> {
  const query = parseQuery(route.query, givenQuery(route, ctx.querystring));
  const params = readParams(route.params, ctx.params);
  const body = route.body && (await readBody(route.body, ctx));
  const input = { params, query, body } as never;
  if (ctx.method !== 'HEAD' || !route.head) {
    await recordBeforeSending(deps, ctx, () => {
      // Whatever an operator does may concern every account.
      if (route.permission === 'admin' || route.permission === 'admin:write') {
        noteAccess(ctx, route.method === 'get' ? 'admin.view' : 'admin.change', route.path);
      }
      return route.handler(deps, ctx, input);
    });
  } else {
    // Koa takes an answer without a body for a 404.
    ctx.status = 200;
    await route.head(deps, ctx, input);
  }
  if (route.statuses?.includes(304)) tagAnswer(ctx, { isWeak: route.compressed === true });
  if (route.compressed) await compressAnswer(ctx);
}

/** A browser sends every field of a form, also those that were left empty. */
function givenQuery({ kind }: RouteSpec, querystring: string): string {
  return kind === 'page' ? withoutEmpty(querystring) : querystring;
}

function readParams(schema: z.ZodObject, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const read = Object.entries(schema.shape).map(([name, field]) => {
    const { success, data } = field.safeParse(given[name]);
    return [name, success ? data : null];
  });
  return Object.fromEntries(read);
}
