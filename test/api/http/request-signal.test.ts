import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { requestSignal } from '../../../api/http/request-signal.ts';

async function receiveRequest(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const request = get({ port: (server.address() as AddressInfo).port, agent: false });
  request.on('error', () => {});
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { request, response };
}

test('the signal of a request aborts when the caller hangs up', async (t) => {
  const { request, response } = await receiveRequest(t);
  const signal = requestSignal(response);
  request.destroy();
  await once(signal, 'abort');
});

test('the signal of a request whose caller has hung up is aborted from the start', async (t) => {
  const { request, response } = await receiveRequest(t);
  request.destroy();
  await once(response, 'close');
  assert.ok(requestSignal(response).aborted);
});

test('the signal of a request aborts at the deadline, with the reason given', async (t) => {
  const { request, response } = await receiveRequest(t);
  t.after(() => request.destroy());
  const reason = new Error('too late');
  const signal = requestSignal(response, { atMs: performance.now() + 1, reason: () => reason });
  await once(signal, 'abort');
  assert.equal(signal.reason, reason);
});
