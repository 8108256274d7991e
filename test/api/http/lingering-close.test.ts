import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import getRawBody from 'raw-body';
import type { ApiState } from '../../../api/http/context.ts';
import { listen } from '../../../api/server.ts';
import { LOCAL } from '../../support/local.ts';

const IN_TIME = { timeout: 20_000 };

/** A connection to a server that answers `/early` without the body, and other paths after ten bytes of it. */
async function connectToEarly(t: TestContext) {
  const paths: string[] = [];
  const app = new Koa<ApiState>();
  app.use(async (ctx) => {
    paths.push(ctx.path);
    if (ctx.path !== '/early') {
      await getRawBody(ctx.req, { limit: 10 }).catch(() => ctx.set('Connection', 'close'));
    }
    ctx.body = `answer to ${ctx.path}`;
  });
  const server = await listen(app, LOCAL);
  const socket = connect(Number(new URL(server.url).port), LOCAL.host);
  t.after(() => socket.destroy());
  t.after(() => server.close(AbortSignal.abort()).catch(() => {}));
  return { socket, paths, close: () => server.close(new AbortController().signal) };
}

async function readAll(socket: Socket): Promise<string> {
  let answers = '';
  for await (const part of socket) answers += String(part);
  return answers;
}

function head(path: string, ...headers: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'Host: test', ...headers, '\r\n'].join('\r\n');
}

const UNREAD = { 'that nothing reads': '/early', 'that is given up at its limit': '/limited' };

for (const [what, path] of Object.entries(UNREAD)) {
  test(
    `a caller who sends all of a body before reading gets its answer: a body ${what}`,
    IN_TIME,
    async (t) => {
      const { socket } = await connectToEarly(t);
      const body = Buffer.alloc(20 * 2 ** 20, 'a');
      socket.write(head(path, 'Connection: close', `Content-Length: ${body.length}`));
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.write(body, () => resolve());
      });
      assert.match(await readAll(socket), new RegExp(`answer to ${path}$`));
    },
  );
}

test('a body that goes on without end behind its answer is cut', IN_TIME, async (t) => {
  const { socket } = await connectToEarly(t);
  const closed = once(socket, 'close').catch(() => {});
  socket.write(head('/early', 'Connection: close', 'Transfer-Encoding: chunked'));
  const mebibyte = 2 ** 20;
  const part = `${mebibyte.toString(16)}\r\n${'a'.repeat(mebibyte)}\r\n`;
  let sent = 0;
  const send = (error?: Error | null) => {
    if (error) return;
    sent += 1;
    socket.write(part, send);
  };
  send();
  await closed;
  assert.ok(sent > 32, `${sent} MiB`);
});

test('a request behind the last answer of a connection is not begun', IN_TIME, async (t) => {
  const { socket, paths, close } = await connectToEarly(t);
  socket.write(`${head('/limited', 'Content-Length: 100')}${'a'.repeat(50)}`);
  await once(socket, 'readable');
  socket.write(`${'a'.repeat(50)}${head('/next', 'Content-Length: 0')}`);
  socket.resume();
  await once(socket, 'close');
  await close();
  assert.deepEqual(paths, ['/limited']);
});
