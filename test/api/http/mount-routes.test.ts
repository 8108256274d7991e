import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import { pino } from 'pino';
import { z } from 'zod';
import type { ApiContext, ApiDeps, ApiState } from '../../../api/http/context.ts';
import { answerErrors } from '../../../api/http/errors.ts';
import { mountRoutes } from '../../../api/http/mount-routes.ts';
import { idOf } from '../../../api/http/parameters.ts';
import { defineRoute, none, type RouteInput, type RouteSpec } from '../../../api/http/route-spec.ts';
import { listen } from '../../../api/server.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { LOCAL } from '../../support/local.ts';

const params = z.object({ session_id: idOf('session', 'The session') });
const query = z.object({ n: z.string().regex(/^\d$/).transform(Number).default(7) });

type Input = RouteInput<typeof params, typeof query>;
type Deps = Pick<ApiDeps, 'baaChainText'>;

function echo({ baaChainText }: Deps, ctx: ApiContext, input: Input): void {
  ctx.set('X-Answered-By', 'handler');
  ctx.body = { baaChainText, ...input };
}

const ECHO = {
  method: 'get',
  path: '/echo/{session_id}',
  summary: 'Sends back what it read.',
  permission: 'public',
  params,
  query,
  kind: 'json',
  response: z.unknown(),
  errors: [],
  handler: echo,
} as const;

/** A server of these routes alone, with no database behind them. */
async function serve(t: TestContext, routes: readonly RouteSpec[]) {
  const log = pino({ level: 'silent' });
  const app = new Koa<ApiState>();
  app.use(answerErrors({ log }));
  app.use(mountRoutes(routes, { baaChainText: 'dep' } as ApiDeps).routes());
  const server = await listen(app, LOCAL);
  t.after(() => server.close(AbortSignal.abort()));
  return (path: string, method = 'GET') => fetch(`${server.url}${path}`, { method });
}

test('a handler gets its dependencies, the params and the query', async (t) => {
  const get = await serve(t, [defineRoute(ECHO)]);
  const id = newId('session');
  const response = await get(`/echo/${id}?n=3`);
  assert.deepEqual(await response.json(), {
    baaChainText: 'dep',
    params: { session_id: id },
    query: { n: 3 },
  });
});

test('a param that does not match its schema is null', async (t) => {
  const get = await serve(t, [defineRoute(ECHO)]);
  for (const text of ['x', '%zz', '%00', newId('agent'), newId('session').toLowerCase()]) {
    const { params } = (await (await get(`/echo/${text}`)).json()) as Input;
    assert.deepEqual(params, { session_id: null }, text);
  }
});

test('a query is refused before the handler sees the params', async (t) => {
  const get = await serve(t, [defineRoute(ECHO)]);
  const response = await get('/echo/x?n=ten');
  assert.equal(response.headers.get('x-answered-by'), null);
  assert.equal(response.status, 422);
});

test('HEAD runs the handler of a route without `head`, and sends no body', async (t) => {
  const head = await serve(t, [defineRoute(ECHO)]);
  const response = await head('/echo/x', 'HEAD');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-answered-by'), 'handler');
  assert.equal(await response.text(), '');
});

test('HEAD runs the `head` of a route in place of its handler', async (t) => {
  const route = defineRoute({
    ...ECHO,
    head(_deps, ctx, { query }) {
      ctx.set('X-Answered-By', `head ${query.n}`);
      ctx.type = 'json';
    },
  });
  const send = await serve(t, [route]);
  const response = await send('/echo/x', 'HEAD');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-answered-by'), 'head 7');
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal((await send('/echo/x?n=ten', 'HEAD')).status, 422);
  assert.equal((await send('/echo/x')).headers.get('x-answered-by'), 'handler');
});

test('a handler that takes other input than its schemas give does not compile', () => {
  // @ts-expect-error: `none` gives no `n`.
  defineRoute({ ...ECHO, query: none });
});
