import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import type { ApiContext } from '../../../api/http/context.ts';
import { eventSignal, type ServerEvent, sendEvents } from '../../../api/http/event-stream.ts';

const PACE = { everyMs: 1, beatMs: 5 };

/** A server that answers with events, and a request to it. */
async function ask(
  t: TestContext,
  next: () => Promise<readonly ServerEvent[] | null>,
  { lifeMs = 60_000, pace = PACE } = {},
): Promise<{ response: Response; answer: ServerResponse; leave: () => void }> {
  let answer: ServerResponse | undefined;
  const app = new Koa();
  app.silent = true;
  app.use((ctx) => {
    answer = ctx.res;
    sendEvents(ctx as unknown as ApiContext, next, {
      signal: eventSignal(ctx as unknown as ApiContext, lifeMs),
      ...pace,
    });
  });
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const caller = new AbortController();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const response = await fetch(url, { signal: caller.signal });
  return { response, answer: answer as ServerResponse, leave: () => caller.abort() };
}

test('events are sent as they come, and the answer ends after the last', async (t) => {
  const waiting: (readonly ServerEvent[] | null)[] = [
    [{ data: 'one\r\ntwo\rthree\nfour' }],
    [],
    [{ data: '', name: 'over', retryMs: 5 }],
    null,
  ];
  const { response } = await ask(t, async () => waiting.shift() ?? null, {
    pace: { everyMs: 1, beatMs: 60_000 },
  });
  assert.equal(response.headers.get('Content-Type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('X-Accel-Buffering'), 'no');
  assert.equal(response.headers.get('Content-Length'), null);
  assert.equal(
    await response.text(),
    'data: one\ndata: two\ndata: three\ndata: four\n\nevent: over\nretry: 5\ndata: \n\n',
  );
});

test('a pause is filled with comments, and the answer ends when its time is up', async (t) => {
  const { response } = await ask(t, async () => [], { lifeMs: 100 });
  assert.match(await response.text(), /^(:\n\n)+$/);
});

test('nothing is asked for any more once the caller has left', async (t) => {
  let asked = 0;
  const { answer, leave } = await ask(t, async () => {
    asked += 1;
    return [{ data: 'x' }];
  });
  leave();
  if (!answer.closed) await once(answer, 'close');
  // One round may be under way.
  await new Promise((resolve) => setImmediate(resolve));
  const askedByThen = asked;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(asked <= askedByThen + 1, `${askedByThen}, then ${asked}`);
});
