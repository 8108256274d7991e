// The stream of events that a report's page follows, over HTTP.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../../api/app.ts';
import { listen } from '../../../api/server.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { assertLeadsTo, sendFormAs } from '../../support/console.ts';
import { eventually } from '../../support/eventually.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { LOCAL } from '../../support/local.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { createJobWorld, type JobWorld } from '../../support/report-jobs.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';

const STREAMS_PER_ACCOUNT = 8;

type Stream = Readonly<{
  response: Response;
  /** The next piece of the answer; null at its end. */
  read(): Promise<string | null>;
  /** All that is left of it. */
  rest(): Promise<string>;
  leave(): void;
}>;

async function open(t: TestContext, url: string, cookie: string): Promise<Stream> {
  const caller = new AbortController();
  t.after(() => caller.abort());
  const response = await fetch(url, { headers: { cookie }, signal: caller.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('Content-Type') ?? '', /^text\/event-stream/);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? null : Buffer.from(value).toString();
  };
  return {
    response,
    read,
    async rest() {
      let text = '';
      for (let piece = await read(); piece !== null; piece = await read()) text += piece;
      return text;
    },
    leave: () => caller.abort(),
  };
}

async function order(world: JobWorld): Promise<string> {
  const fields = { when: 'this_month', tz: 'UTC', format: 'json' };
  const response = await sendFormAs(world.app, '/reports', fields, world.cookie);
  return assertLeadsTo(response, /^\/reports\/rep_/).slice('/reports/'.length);
}

test('the events of a report', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl());
  openTestQueues(whole, world, testRedisUrl());
  const { app, cookie } = world;
  const id = await order(world);
  const path = `/reports/${id}/events`;

  await t.test(
    'login and permission are checked, and an id that the account has not is unknown',
    async () => {
      const weak = await app.login(world.accountId, ['sessions:read']);
      const { cookie: other } = await app.addTenant('Other');
      for (const [at, by, status] of [
        [path, null, 401],
        [path, weak, 403],
        [path, other, 404],
        [`/reports/${newId('report')}/events`, cookie, 404],
        ['/reports/new/events', cookie, 404],
      ] as const) {
        assert.equal((await app.get(at, by)).status, status, `${at} ${status}`);
        assert.equal((await app.get(at, by, { method: 'HEAD' })).status, status, `HEAD ${at} ${status}`);
      }
    },
  );

  await t.test('HEAD has the headers, and ends at once', async () => {
    const response = await app.get(path, cookie, { method: 'HEAD' });
    assert.equal(response.headers.get('Content-Type'), 'text/event-stream; charset=utf-8');
    assert.equal(response.headers.get('Cache-Control'), 'no-store');
  });

  await t.test('a reader beyond the bound is told the state and when to ask again', async (sub) => {
    const url = `${app.url}${path}`;
    const held = [];
    for (let i = 0; i < STREAMS_PER_ACCOUNT; i += 1) {
      const stream = await open(sub, url, cookie);
      assert.match((await stream.read()) ?? '', /waits for a worker/);
      held.push(stream);
    }
    const beyond = await (await open(sub, url, cookie)).rest();
    assert.match(beyond, /^retry: 5000\ndata: /);
    assert.match(beyond, /waits for a worker/);
    assert.doesNotMatch(beyond, /report-ended/);
    // Another account has its own streams: this one's are none of its business.
    const { cookie: other } = await app.addTenant('Other');
    assert.equal((await app.get(path, other)).status, 404);
    held[0]?.leave();
    await eventually('the place of a caller who left is free', async () => {
      const next = await open(sub, url, cookie);
      const first = await next.read();
      next.leave();
      assert.match(first ?? '', /^data: /);
    });
    for (const stream of held) stream.leave();
  });

  await t.test('a server that stops ends the stream, and its page connects again', async (sub) => {
    const server = await listen(createApp(app.deps), { ...LOCAL });
    const stream = await open(sub, `${server.url}${path}`, cookie);
    assert.match((await stream.read()) ?? '', /waits for a worker/);
    // A stream that goes on is cut, which fails its reading; otherwise nothing waits for that.
    const closed = server.close(AbortSignal.timeout(20_000));
    assert.doesNotMatch(await stream.rest(), /report-ended/);
    await closed;
  });

  await t.test('a report that is cancelled ends its streams', async (sub) => {
    const cancelled = await order(world);
    const stream = await open(sub, `${app.url}/reports/${cancelled}/events`, cookie);
    assert.match((await stream.read()) ?? '', /waits for a worker/);
    await sendFormAs(app, `/reports/${cancelled}/cancel`, {}, cookie);
    const rest = await stream.rest();
    assert.match(rest, /The report was cancelled/);
    assert.match(rest, /event: report-ended\ndata: \n\n$/);
  });

  await t.test('the state is sent whenever it changes, until the report is ready', async (sub) => {
    const stream = await open(sub, `${app.url}${path}`, `${cookie}; masker_tz=Asia%2FTokyo`);
    assert.match(
      (await stream.read()) ?? '',
      /^data: <div data-announce="The report waits for a worker to begin\.">/,
    );
    await world.startWorkers();
    const rest = await stream.rest();
    assert.match(rest, /data-announce="The report is ready\."/);
    assert.ok(rest.includes(`/api/v1/reports/${id}/content`));
    assert.match(rest, /event: report-ended\ndata: \n\n$/);
    const events = rest.trim().split('\n\n');
    assert.equal(new Set(events).size, events.length, 'no event is sent twice');
    const late = await (await open(sub, `${app.url}${path}`, cookie)).rest();
    assert.match(late, /The report is ready/);
    assert.match(late, /event: report-ended\ndata: \n\n$/);
  });
});
