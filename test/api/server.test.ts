import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import type { ApiState } from '../../api/context.ts';
import { type HttpServer, listen } from '../../api/server.ts';
import { LOCAL } from '../support/start-app.ts';

/** A server that answers a request when it is let to. */
async function startHeld(
  t: TestContext,
): Promise<{ server: HttpServer; begun: Promise<void>; finish(): void }> {
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const app = new Koa<ApiState>();
  app.use(async (ctx) => {
    begun.resolve();
    await held.promise;
    ctx.body = 'done';
  });
  const server = await listen(app, LOCAL);
  t.after(async () => {
    held.resolve();
    await server.close(AbortSignal.abort()).catch(() => {});
  });
  return { server, begun: begun.promise, finish: held.resolve };
}

test('closing lets a running request finish and takes no new one', async (t) => {
  const { server, begun, finish } = await startHeld(t);
  const answer = fetch(server.url);
  await begun;
  const closed = server.close(new AbortController().signal);
  await assert.rejects(fetch(server.url));
  finish();
  assert.equal(await (await answer).text(), 'done');
  await closed;
});

test('closing by force cuts a running request', async (t) => {
  const { server, begun } = await startHeld(t);
  const answer = fetch(server.url);
  await begun;
  const force = new AbortController();
  const closed = server.close(force.signal);
  force.abort();
  await assert.rejects(answer);
  await closed;
});

test('what follows a request and is not HTTP is not answered into its answer', async (t) => {
  const { server, begun } = await startHeld(t);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await begun;
  socket.write('nonsense\r\n\r\n');
  await once(socket, 'close');
  assert.equal(received, '');
});

test('an address that is taken rejects', async (t) => {
  const { server } = await startHeld(t);
  await assert.rejects(listen(new Koa<ApiState>(), { ...LOCAL, port: Number(new URL(server.url).port) }), {
    code: 'EADDRINUSE',
  });
});

test('a caller who stops reading is cut', async (t) => {
  const closed = Promise.withResolvers<void>();
  const source = new Readable({ read: () => source.push(Buffer.alloc(65_536)) });
  source.once('close', closed.resolve);
  const app = new Koa<ApiState>();
  app.use((ctx) => {
    ctx.body = source;
  });
  app.on('error', () => {});
  const server = await listen(app, { ...LOCAL, idleTimeoutMs: 100 });
  t.after(() => server.close(AbortSignal.abort()));
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await closed.promise;
});
