import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import Koa from 'koa';
import type { ApiState } from '../../api/http/context.ts';
import { type HttpServer, listen } from '../../api/server.ts';
import { LOCAL } from '../support/local.ts';

const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';

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

function connectTo(server: HttpServer): Socket {
  const { hostname, port } = new URL(server.url);
  return connect(Number(port), hostname);
}

/** All that arrives until the connection is closed. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
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

test('closing ends a connection whose caller would go on asking', async (t) => {
  const { server, begun, finish } = await startHeld(t);
  const socket = connectTo(server);
  const answers = readAll(socket);
  socket.write(GET);
  await begun;
  const closed = server.close(new AbortController().signal);
  socket.write(GET);
  finish();
  await closed;
  assert.equal((await answers).match(/^HTTP\/1\.1 200 /gm)?.length, 1);
});

test('closing waits for a caller who has yet to read an answer that is written', async () => {
  const size = 32_000_000;
  const app = new Koa<ApiState>();
  const written = Promise.withResolvers<void>();
  app.use((ctx) => {
    ctx.body = Buffer.alloc(size, 'x');
    ctx.res.once('prefinish', written.resolve);
  });
  const server = await listen(app, LOCAL);
  const socket = connectTo(server);
  socket.write(GET);
  await written.promise;
  const closed = server.close(new AbortController().signal);
  const answer = await readAll(socket);
  assert.equal(answer.length - answer.indexOf('\r\n\r\n') - 4, size);
  await closed;
});

test('bytes after a request that are not HTTP are refused behind its answer', async (t) => {
  const { server, begun, finish } = await startHeld(t);
  const socket = connectTo(server);
  const answers = readAll(socket);
  socket.write(GET);
  await begun;
  socket.write('nonsense\r\n\r\n');
  await setImmediate();
  finish();
  const [answer, refusal] = (await answers).split('\r\ndone');
  assert.match(answer ?? '', /^HTTP\/1\.1 200 /);
  assert.match(refusal ?? '', /^HTTP\/1\.1 400 /);
});

test('a caller who leaves in the middle of another request is cut', { timeout: 20_000 }, async (t) => {
  const { server, begun } = await startHeld(t);
  const socket = connectTo(server);
  const answers = readAll(socket);
  socket.write(GET);
  await begun;
  socket.end('GET / HT');
  assert.equal(await answers, '');
});

test('listening at an address in use rejects, and says what to set', async (t) => {
  const { server } = await startHeld(t);
  await assert.rejects(listen(new Koa<ApiState>(), { ...LOCAL, port: Number(new URL(server.url).port) }), {
    message: /EADDRINUSE.*set PORT/,
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
  const socket = connectTo(server);
  t.after(() => socket.destroy());
  socket.write(GET);
  await closed.promise;
});
