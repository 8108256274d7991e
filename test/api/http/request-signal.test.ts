import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { requestSignal, unlessAborted } from '../../../api/http/request-signal.ts';

async function receiveRequest(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const request = get({ port: (server.address() as AddressInfo).port, agent: false });
  request.on('error', () => {});
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { request, response };
}

test('aborts when the caller hangs up', async (t) => {
  const { request, response } = await receiveRequest(t);
  const signal = requestSignal(response);
  request.destroy();
  await once(signal, 'abort');
});

test('is aborted from the start when the caller has hung up before', async (t) => {
  const { request, response } = await receiveRequest(t);
  request.destroy();
  await once(response, 'close');
  assert.ok(requestSignal(response).aborted);
});

test('aborts with the reason given at the deadline', async (t) => {
  const { request, response } = await receiveRequest(t);
  t.after(() => request.destroy());
  const reason = new Error('too late');
  const signal = requestSignal(response, { atMs: performance.now() + 1, reason: () => reason });
  await once(signal, 'abort');
  assert.equal(signal.reason, reason);
});

test('work that is done before an abort gives its result or its error', async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(signal, Promise.resolve(1)), 1);
  await assert.rejects(unlessAborted(signal, Promise.reject(new Error('broken'))), { message: 'broken' });
});

test('an abort ends the wait for work that never ends', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(controller.signal, new Promise(() => {}));
  controller.abort(new Error('over'));
  await assert.rejects(waiting, { message: 'over' });
  await assert.rejects(unlessAborted(controller.signal, new Promise(() => {})), { message: 'over' });
});
