import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import Koa from 'koa';
import getRawBody from 'raw-body';
import type { ApiState } from '../../api/http/context.ts';
import { type HttpServer, type ListenOptions, listen } from '../../api/server.ts';
import { LOCAL } from '../support/local.ts';

const IN_TIME = { timeout: 20_000 };
const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
const CONNECT = 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n';

/** A server that answers a request when it is let to. */
async function startHeld(
  t: TestContext,
): Promise<{ server: HttpServer; begun: Promise<void>; bytesRead(): number; finish(): void }> {
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const app = new Koa<ApiState>();
  let bytesRead = () => 0;
  app.use(async (ctx) => {
    bytesRead = () => ctx.socket.bytesRead;
    begun.resolve();
    await held.promise;
    ctx.body = 'done';
  });
  const server = await listen(app, LOCAL);
  t.after(async () => {
    held.resolve();
    await server.close(AbortSignal.abort()).catch(() => {});
  });
  return { server, begun: begun.promise, bytesRead: () => bytesRead(), finish: held.resolve };
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

/** A server whose answers have 4 MB each, and what it has counted. */
async function startCounting(t: TestContext) {
  const counts = { begun: 0, running: 0, most: 0, bytesRead: () => 0 };
  const app = new Koa<ApiState>();
  app.use(async (ctx) => {
    counts.begun += 1;
    counts.running += 1;
    counts.most = Math.max(counts.most, counts.running);
    counts.bytesRead = () => ctx.socket.bytesRead;
    ctx.res.prependOnceListener('close', () => {
      counts.running -= 1;
    });
    await setImmediate();
    ctx.body = Buffer.alloc(4_000_000, `${counts.begun}`);
  });
  app.on('error', () => {});
  const server = await listen(app, LOCAL);
  t.after(() => server.close(AbortSignal.abort()).catch(() => {}));
  return { server, counts };
}

test('of requests that a caller sends at once and does not read the answers to, one is answered', async (t) => {
  const { server, counts } = await startCounting(t);
  const socket = connectTo(server);
  socket.pause();
  socket.write(GET.repeat(50));
  while (counts.begun === 0) await sleep(5);
  await sleep(100);
  assert.equal(counts.most, 1);
  assert.ok(counts.begun < 10, `${counts.begun} were begun`);
  // Whoever reads gets them all, in their order.
  const answers: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket) {
    answers.push(chunk);
    size += (chunk as Buffer).length;
    if (size > 50 * 4_000_000) break;
  }
  const starts = Buffer.concat(answers)
    .toString('latin1')
    .split('HTTP/1.1 200 OK')
    .map((answer) => /\r\n\r\n(..)/.exec(answer)?.[1]);
  assert.deepEqual([counts.begun, counts.most, starts.length], [50, 1, 51]);
  assert.deepEqual([starts[1], starts[2], starts[50]], ['11', '22', '50']);
});

test('a caller who sends requests without end, and reads no answer, is not read on', async (t) => {
  const { server, counts } = await startCounting(t);
  const socket = connectTo(server);
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.pause();
  for (let i = 0; i < 16; i += 1) socket.write(GET.repeat(30_000));
  while (counts.begun === 0) await sleep(5);
  await sleep(300);
  assert.ok(counts.bytesRead() < 1_000_000, `${counts.bytesRead()} bytes were read`);
});

test(
  'requests behind a slow one are not read on without end, and are answered after it',
  IN_TIME,
  async (t) => {
    const { server, bytesRead, begun, finish } = await startHeld(t);
    const socket = connectTo(server);
    const answers = readAll(socket);
    socket.write(GET);
    await begun;
    socket.write(GET.repeat(20_000));
    await sleep(300);
    assert.ok(bytesRead() < 200_000, `${bytesRead()} bytes were read`);
    finish();
    socket.write(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    assert.equal((await answers).match(/HTTP\/1\.1 200 /g)?.length, 20_002);
  },
);

test(
  'CONNECT is answered, and ends the connection; behind a request that is under way it ends it at once',
  IN_TIME,
  async (t) => {
    const { server, begun, finish } = await startHeld(t);
    const behind = connectTo(server);
    behind.on('error', () => {});
    const none = readAll(behind);
    behind.write(`${GET}${CONNECT}`);
    await begun;
    assert.equal(await none, '');
    finish();
    const alone = connectTo(server);
    alone.write(CONNECT);
    assert.match(await readAll(alone), /^HTTP\/1\.1 200 .*\r\nConnection: close\r\n/is);
  },
);

test('a caller who resets a connection after CONNECT harms nobody else', IN_TIME, async (t) => {
  const { server, finish } = await startHeld(t);
  finish();
  for (const sent of ['', 'more']) {
    const socket = connectTo(server);
    socket.on('error', () => {});
    socket.write(CONNECT);
    await once(socket, 'data');
    socket.write(sent);
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
  await sleep(50);
  assert.equal(await (await fetch(server.url)).text(), 'done');
});

test(
  'a connection that asks for an upgrade ends with its answer: Node drops what came behind it',
  IN_TIME,
  async (t) => {
    const { server, finish } = await startHeld(t);
    finish();
    const upgrade = GET.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const socket = connectTo(server);
    socket.write(`${upgrade}${GET}`);
    const answers = await readAll(socket);
    assert.equal(answers.match(/HTTP\/1\.1 200 /g)?.length, 1);
    assert.match(answers, /\r\nConnection: close\r\n/i);
  },
);

test('the event loop turns between two requests that a caller sends at once', IN_TIME, async (t) => {
  const app = new Koa<ApiState>();
  const begunAt: number[] = [];
  let turns = 0;
  app.use((ctx) => {
    begunAt.push(turns);
    ctx.body = 'done';
  });
  const server = await listen(app, LOCAL);
  t.after(() => server.close(AbortSignal.abort()).catch(() => {}));
  const socket = connectTo(server);
  const answers = readAll(socket);
  let isDone = false;
  const turning = (async () => {
    for (; !isDone; turns += 1) await setImmediate();
  })();
  socket.write(`${GET.repeat(200)}${GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`);
  assert.equal((await answers).match(/HTTP\/1\.1 200 /g)?.length, 201);
  isDone = true;
  await turning;
  assert.equal(new Set(begunAt).size, 201);
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

/** A server whose app reads bodies, as routes do; `slow` is answered when it is let to, and `early` without its body. */
async function startReading(t: TestContext, options: Partial<ListenOptions> = {}) {
  const held = Promise.withResolvers<void>();
  const app = new Koa<ApiState>();
  app.use(async (ctx) => {
    if (ctx.path === '/slow') await held.promise;
    else if (ctx.path !== '/early') await getRawBody(ctx.req);
    ctx.body = `answer to ${ctx.path}`;
  });
  app.on('error', () => {});
  const server = await listen(app, { ...LOCAL, ...options });
  t.after(() => server.close(AbortSignal.abort()).catch(() => {}));
  return { server, finish: held.resolve };
}

const CHUNKED = 'POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n';
const BROKEN = {
  'a chunk size that is no number': `${CHUNKED}zz\r\n`,
  'a chunk size that is no number, behind a chunk': `${CHUNKED}2\r\nab\r\nzz\r\n`,
  'a long chunk extension': `${CHUNKED}1;${'a'.repeat(20_000)}\r\na\r\n`,
  'a transfer coding that is none': CHUNKED.replace('chunked', 'identity'),
};

for (const [what, request] of Object.entries(BROKEN)) {
  test(`a body that is no HTTP is refused at once: ${what}`, IN_TIME, async (t) => {
    const { server } = await startReading(t);
    const socket = connectTo(server);
    socket.write(request);
    const answer = await readAll(socket);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /"code":"bad_request"/);
  });
}

test(
  'a body that is no HTTP is refused behind the whole answer to an earlier request',
  IN_TIME,
  async (t) => {
    const { server, finish } = await startReading(t);
    const socket = connectTo(server);
    const answers = readAll(socket);
    socket.write(GET.replace('/', '/slow'));
    socket.write(BROKEN['a chunk size that is no number']);
    await sleep(50);
    finish();
    const [answer, refusal] = (await answers).split('\r\nanswer to /slow');
    assert.match(answer ?? '', /^HTTP\/1\.1 200 /);
    assert.match(refusal ?? '', /^HTTP\/1\.1 400 /);
  },
);

test('a request that was answered before its body broke gets no second answer', IN_TIME, async (t) => {
  const { server } = await startReading(t);
  const socket = connectTo(server);
  const answers = readAll(socket);
  socket.write(CHUNKED.replace('/', '/early'));
  await once(socket, 'data');
  socket.write('zz\r\n');
  assert.deepEqual((await answers).match(/HTTP\/1\.1 \d+ /g), ['HTTP/1.1 200 ']);
});

test('a body that stalls is refused once nothing has moved for the idle time', IN_TIME, async (t) => {
  const { server } = await startReading(t, { idleTimeoutMs: 100 });
  const socket = connectTo(server);
  socket.write(`${CHUNKED}2\r\na`);
  const answer = await readAll(socket);
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.match(answer, /"code":"request_timeout"/);
});

test('a body that comes byte by byte is refused at the bound for whole requests', IN_TIME, async (t) => {
  const { server } = await startReading(t, { requestTimeoutMs: 200 });
  const socket = connectTo(server);
  socket.write(CHUNKED);
  const dribble = setInterval(() => socket.write('1\r\na\r\n'), 20);
  t.after(() => clearInterval(dribble));
  const answer = await readAll(socket);
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.match(answer, /"code":"request_timeout"/);
});

test('closing does not wait for a body that broke before or breaks meanwhile', IN_TIME, async (t) => {
  const { server } = await startReading(t);
  const [before, meanwhile] = [connectTo(server), connectTo(server)];
  const answers = [readAll(before), readAll(meanwhile)];
  before.write(BROKEN['a chunk size that is no number']);
  meanwhile.write(CHUNKED);
  await sleep(50);
  const closed = server.close(new AbortController().signal);
  meanwhile.write('zz\r\n');
  await closed;
  for (const answer of answers) assert.match(await answer, /^HTTP\/1\.1 400 /);
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
