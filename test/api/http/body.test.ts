import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import { pino } from 'pino';
import { z } from 'zod';
import { readBody } from '../../../api/http/body.ts';
import type { ApiContext, ApiDeps, ApiState } from '../../../api/http/context.ts';
import { answerErrors } from '../../../api/http/errors.ts';
import { mountRoutes } from '../../../api/http/mount-routes.ts';
import { defineRoute, none, type RouteInput } from '../../../api/http/route-spec.ts';
import { listen } from '../../../api/server.ts';
import { LOCAL } from '../../support/local.ts';

const schema = z.object({ events: z.array(z.object({ n: z.int('n must be a whole number.') })) });

function echo(
  _deps: unknown,
  ctx: ApiContext,
  { body }: RouteInput<typeof none, typeof none, typeof schema>,
) {
  ctx.body = body;
}

const COMMON = {
  method: 'put',
  summary: 'Sends back what it read.',
  permission: 'public',
  params: none,
  query: none,
  kind: 'json',
  response: z.unknown(),
  errors: [],
} as const;

const LIMIT = 200;

async function serve(t: TestContext) {
  const app = new Koa<ApiState>();
  app.use(answerErrors({ log: pino({ level: 'silent' }) }));
  const routes = [
    defineRoute({
      ...COMMON,
      path: '/json',
      body: { mediaType: 'application/json', limit: LIMIT, schema },
      handler: echo,
    }),
    defineRoute({
      ...COMMON,
      path: '/yaml',
      body: { mediaType: 'application/yaml', limit: LIMIT, schema: z.string() },
      handler(_deps, ctx, { body }) {
        ctx.body = { body };
      },
    }),
  ];
  app.use(mountRoutes(routes, {} as ApiDeps).routes());
  const server = await listen(app, LOCAL);
  t.after(() => server.close(AbortSignal.abort()));
  const put = (path: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'PUT',
      body: body ?? null,
      headers: { 'Content-Type': `application/${path.slice(1)}`, ...headers },
    });
  return { url: server.url, put };
}

async function errorOf(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; message: string; param?: string } };
  return { status: response.status, code: error.code, param: error.param, message: error.message };
}

test('a body reaches the handler as its schema reads it', async (t) => {
  const { put } = await serve(t);
  assert.deepEqual(await (await put('/json', '{"events":[{"n":1}]}')).json(), { events: [{ n: 1 }] });
  assert.deepEqual(await (await put('/yaml', 'name: ä\n')).json(), { body: 'name: ä\n' });
  const other = await put('/yaml', 'a', { 'Content-Type': 'text/yaml; charset=utf-8' });
  assert.deepEqual(await other.json(), { body: 'a' });
  const quoted = await put('/yaml', 'a', { 'Content-Type': 'application/yaml; Charset="UTF8"' });
  assert.deepEqual(await quoted.json(), { body: 'a' });
});

test('a body that cannot be read is refused with its remedy', async (t) => {
  const { put } = await serve(t);
  const cases: [RequestInit['body'], Record<string, string>, number, string, RegExp][] = [
    ['', {}, 422, 'validation_failed', /needs a body: send application\/json/],
    [
      '{}',
      { 'Content-Type': 'text/plain' },
      415,
      'unsupported_media_type',
      /Content-Type: application\/json/,
    ],
    ...['utf-16', '"latin1"', 'utf-8; charset=latin1', ''].map((charset): (typeof cases)[number] => [
      '{}',
      { 'Content-Type': `application/json; charset=${charset}` },
      415,
      'unsupported_media_type',
      /in UTF-8/,
    ]),
    ['{}', { 'Content-Encoding': 'gzip' }, 415, 'unsupported_media_type', /without Content-Encoding/],
    ['{"events":[', {}, 422, 'validation_failed', /no JSON/],
    ['\ufeff{}', {}, 422, 'validation_failed', /no JSON/],
    ['{"events":[],"events":[]}', {}, 422, 'validation_failed', /Duplicate property name at offset/],
    ['{"events":["\\ud800"]}', {}, 422, 'validation_failed', /Lone surrogate/],
    ['{"events":[{"n":9007199254740993}]}', {}, 422, 'validation_failed', /offset 16 .* as a string/],
    [`${'['.repeat(100)}`, {}, 422, 'validation_failed', /no JSON/],
    [Uint8Array.of(0x22, 0xff, 0x22), {}, 422, 'validation_failed', /not UTF-8/],
    [`"${'x'.repeat(LIMIT)}"`, {}, 413, 'body_too_large', /200 bytes at most/],
  ];
  for (const [body, headers, status, code, message] of cases) {
    const error = await errorOf(await put('/json', body, headers));
    assert.deepEqual([error.status, error.code], [status, code], String(body));
    assert.match(error.message, message);
  }
});

test('a fault is named by its place, and nothing of the body is repeated', async (t) => {
  const { put } = await serve(t);
  const error = await errorOf(await put('/json', '{"events":[{"n":1},{"n":"Jane Doe"}]}'));
  assert.deepEqual(error, {
    status: 422,
    code: 'validation_failed',
    param: 'events[1].n',
    message: 'events[1].n: n must be a whole number.',
  });
});

test('a body without a length is cut off at the limit, and its connection ends', async (t) => {
  const { url } = await serve(t);
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  socket.write(
    'PUT /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  socket.write(`${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}\r\n`);
  let answer = '';
  for await (const part of socket) answer += String(part);
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /connection: close/i);
});

const FAKE = { is: () => 'application/json', get: () => '', set: () => {} };

test('accounts take turns with their big bodies, and too many of one are refused', async () => {
  const text = JSON.stringify({ events: Array.from({ length: 15_000 }, (_, n) => ({ n })) });
  const route = { mediaType: 'application/json', limit: 2 ** 22, schema } as const;
  const order: string[] = [];
  let refused = 0;
  const read = async (accountId: string) => {
    const req = Object.assign(Readable.from([Buffer.from(text)]), { headers: {} });
    const ctx = { req, ...FAKE, state: { actor: { accountId } } } as unknown as ApiContext;
    try {
      await readBody(route, ctx);
      order.push(accountId);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'overloaded');
      refused += 1;
    }
  };
  const many = Array.from({ length: 70 }, () => read('a'));
  await Promise.all([...many, read('b')]);
  assert.ok(order.indexOf('b') < 4, order.join(''));
  assert.equal(refused, 5, 'one is read while 64 wait');
});

test('big bodies are read one at a time, and the event loop turns between any two of them', async () => {
  const text = JSON.stringify({ events: Array.from({ length: 20_000 }, (_, n) => ({ n })) });
  const route = { mediaType: 'application/json', limit: 2 ** 22, schema } as const;
  const begun: number[] = [];
  let turns = 0;
  let isReading = true;
  const turn = () => {
    turns += 1;
    if (isReading) setImmediate(turn);
  };
  turn();
  const bodies = Array.from({ length: 5 }, async () => {
    const req = Object.assign(Readable.from([Buffer.from(text)]), { headers: {} });
    await readBody(route, { req, ...FAKE, state: {} } as unknown as ApiContext);
    begun.push(turns);
  });
  await Promise.all(bodies);
  isReading = false;
  // Each is read in several passes: a turn between them, and between two bodies.
  for (const [i, at] of begun.entries()) if (i > 0) assert.ok(at - (begun[i - 1] ?? 0) >= 3, `${begun}`);
});
