import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import { newId } from '../../../shared/audit/ids.ts';
import { startApp } from '../../support/start-app.ts';

test('the access log', async (t) => {
  const lines = new PassThrough({ encoding: 'utf8' });
  const app = await startApp(t, {}, { log: pino({ base: null }, lines) });
  const { accountId, cookie } = await app.addTenant('Clinic');

  async function logOf(path: string, headers: Record<string, string> = {}): Promise<string> {
    const line = once(lines, 'data');
    await (await fetch(`${app.url}${path}`, { headers })).text();
    return String((await line)[0]);
  }

  await t.test('the access log has one line a request, of chosen fields', async () => {
    const requestId = newId('request');
    const line = JSON.parse(await logOf('/api/v1/me', { cookie, 'X-Request-Id': requestId }));
    assert.deepEqual(
      { ...line, time: 0, duration_ms: 0 },
      {
        level: 30,
        time: 0,
        request_id: requestId,
        method: 'GET',
        route: '/api/v1/me',
        status: 200,
        complete: true,
        duration_ms: 0,
        account_id: accountId,
        msg: 'request',
      },
    );
  });

  await t.test('the access log has the route’s pattern, and no path, query or cookie', async () => {
    const secret = '555-01-4477';
    const line = await logOf(`/api/v1/sessions/${secret}/report?format=${secret}&x=${secret}`, { cookie });
    assert.ok(line.includes('"route":"/api/v1/sessions/:session_id/report"'));
    assert.ok(!line.includes(secret));
    assert.ok(!line.includes(cookie.split('=')[1]!));
  });

  await t.test('the access log has no path of a request that no route answers', async () => {
    const line = await logOf('/555-01-4477');
    assert.ok(line.includes('"route":null'));
    assert.ok(!line.includes('4477'));
  });

  await t.test('the access log has no status for a caller who hung up before the answer', async () => {
    const line = once(lines, 'data');
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET /api/v1/me HTTP/1.1\r\nHost: test\r\nCookie: ${cookie}\r\n\r\n`);
    const { status, complete } = JSON.parse(String((await line)[0]));
    assert.deepEqual([status, complete], [null, false]);
  });
});
