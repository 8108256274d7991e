// One request to a webhook: to which address it goes, and what becomes of the answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Address } from '../../../shared/webhooks/public-address.ts';
import { type PostOptions, postMessage } from '../../../workers/webhooks/post-message.ts';
import { startReceiver } from '../../support/webhook-receiver.ts';

const LOOPBACK: Address = { address: '127.0.0.1', family: 4 };
const PUBLIC: Address = { address: '8.8.8.8', family: 4 };
/** A key and a self-signed certificate for hooks.example, of tests alone. */
const TLS = join(import.meta.dirname, '../../data/tls');
const NEVER = new AbortController().signal;

const resolveTo =
  (...found: Address[]) =>
  async () =>
    found;

function post(url: string, options: Partial<PostOptions> = {}, signal = NEVER) {
  const headers = { 'content-type': 'application/json' };
  const defaults = { allowPrivate: true, resolve: resolveTo(LOOPBACK), timeoutMs: 5_000 };
  return postMessage(url, headers, '{}', { ...defaults, ...options }, signal);
}

test('the name is resolved once, and the connection goes to the address that was checked', async (t) => {
  const receiver = await startReceiver(t);
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return asked === 1 ? [LOOPBACK] : [{ address: '127.0.0.66', family: 4 }];
  };
  const outcome = await post(`http://rebound.example:${receiver.port}/hook`, { resolve });
  assert.deepEqual(outcome, { status: 204, error: null });
  assert.equal(asked, 1);
  assert.equal(receiver.received[0]?.headers.host, `rebound.example:${receiver.port}`);
});

test('TLS asks for the name and checks its certificate, on the pinned address', async (t) => {
  const [key, cert] = ['key', 'crt'].map((part) =>
    readFileSync(join(TLS, `hooks.example.${part}.pem`), 'utf8'),
  ) as [string, string];
  const names: unknown[] = [];
  const server = createTlsServer({ key, cert }, (request, response) => {
    names.push((request.socket as { servername?: unknown }).servername, request.headers.host);
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const by = (host: string, ca?: string) => post(`https://${host}:${port}/`, ca === undefined ? {} : { ca });
  assert.deepEqual(await by('hooks.example', cert), { status: 204, error: null });
  assert.deepEqual(names, ['hooks.example', `hooks.example:${port}`]);
  assert.deepEqual(await by('hooks.example'), { status: null, error: 'tls' });
  assert.deepEqual(await by('other.example', cert), { status: null, error: 'tls' });
  assert.equal(names.length, 2);
});

test('a private address gets no request, as a name, a literal, or beside a public one', async (t) => {
  const receiver = await startReceiver(t);
  const strict = { allowPrivate: false };
  const { port } = receiver;
  const refused = { status: null, error: 'address' };
  assert.deepEqual(await post(`https://a.example:${port}/`, strict), refused);
  assert.deepEqual(
    await post(`https://a.example:${port}/`, { ...strict, resolve: resolveTo(PUBLIC, LOOPBACK) }),
    refused,
  );
  for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
    assert.deepEqual(await post(`https://${host}:${port}/`, strict), refused, host);
  }
  assert.deepEqual(
    await post(`http://a.example:${port}/`, { ...strict, resolve: resolveTo(PUBLIC) }),
    refused,
  );
  assert.equal(receiver.received.length, 0);
});

test('a redirect is not followed, to a private address or another', async (t) => {
  const inside = await startReceiver(t);
  const receiver = await startReceiver(t, (response) =>
    response.writeHead(307, { location: inside.url }).end(),
  );
  assert.deepEqual(await post(receiver.url), { status: 307, error: null });
  assert.equal(inside.received.length, 0);
});

test('no cookie is kept', async (t) => {
  const receiver = await startReceiver(t, (response) =>
    response.writeHead(200, { 'set-cookie': 'a=b' }).end('ok'),
  );
  for (const _ of [1, 2]) await post(receiver.url);
  assert.ok(receiver.received.every(({ headers }) => headers.cookie === undefined));
});

test('an answer without end is left after 4 KiB', async (t) => {
  const receiver = await startReceiver(t, (response) => {
    response.writeHead(200);
    const write = () => {
      while (!response.destroyed && response.write('x'.repeat(1_024)));
    };
    response.on('drain', write);
    write();
  });
  assert.deepEqual(await post(receiver.url), { status: 200, error: null });
});

test('the deadline holds for the name, the headers and the body', async (t) => {
  const silent = await startReceiver(t, () => {});
  const slow = await startReceiver(t, (response) => response.writeHead(200).write('x'));
  const late = { status: null, error: 'timeout' };
  const timeoutMs = 200;
  assert.deepEqual(await post(silent.url, { timeoutMs }), late);
  assert.deepEqual(await post(slow.url, { timeoutMs }), late);
  const resolve = () => new Promise<never>(() => {});
  assert.deepEqual(await post('http://never.example/', { timeoutMs, resolve }), late);
});

test('each way of getting no answer has its name', async (t) => {
  const closing = createServer((socket) => socket.destroy());
  const upgrading = createServer((socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  );
  const ports: number[] = [];
  for (const server of [closing, upgrading]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
    t.after(() => server.close());
  }
  const lost = (error: string) => ({ status: null, error });
  const fail = async () => {
    throw new Error('ENOTFOUND');
  };
  assert.deepEqual(await post('http://none.example/', { resolve: fail }), lost('dns'));
  assert.deepEqual(await post('http://none.example/', { resolve: resolveTo() }), lost('dns'));
  assert.deepEqual(await post('http://127.0.0.1:1/'), lost('connection'));
  assert.deepEqual(await post(`http://127.0.0.1:${ports[0]}/`), lost('broken'));
  assert.deepEqual(await post(`http://127.0.0.1:${ports[1]}/`), lost('broken'));
  assert.deepEqual(await post(`https://127.0.0.1:${ports[0]}/`), lost('broken'));
  assert.deepEqual(await post('no address'), lost('broken'));
  const plain = await startReceiver(t);
  assert.deepEqual(await post(`https://127.0.0.1:${plain.port}/`), lost('tls'));
});

test('a worker that stops breaks the request off', async (t) => {
  const stopping = new AbortController();
  const reason = new Error('The worker stops');
  const receiver = await startReceiver(t, () => stopping.abort(reason));
  await assert.rejects(post(receiver.url, {}, stopping.signal), reason);
});
