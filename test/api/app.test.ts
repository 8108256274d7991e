import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isId, newId } from '../../shared/audit/ids.ts';
import { readError } from '../support/answers.ts';
import { sendRaw, sendTarget } from '../support/raw-http.ts';
import { startApp } from '../support/start-app.ts';

const REQUEST_ID = /^req_[0-9A-HJKMNP-TV-Z]{26}$/;

test('every route', async (t) => {
  const app = await startApp(t);
  const { cookie } = await app.addTenant('Clinic');

  await t.test('an unknown path is 404 not_found', async () => {
    for (const path of [
      '/nothing',
      '/api/v1',
      '/api/v1/nothing',
      '/api/v1/sessions/',
      '/API/v1/me',
      '/api/v1/%zz',
      '//',
    ]) {
      const response = await app.get(path, cookie);
      assert.equal(response.status, 404, path);
      assert.equal((await readError(response)).code, 'not_found', path);
    }
  });

  await t.test('a wrong method is 405 and says what is allowed, with a login or without', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE', 'CONNECT']) {
      // fetch refuses the last two.
      const answer = await sendRaw(
        app.url,
        `${method} /api/v1/sessions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 405 /, method);
      assert.match(answer, /\r\nAllow: GET, HEAD, OPTIONS\r\n/, method);
      assert.match(answer, /"code":"method_not_allowed"/, method);
    }
  });

  await t.test('a route that takes POST alone is 405 for GET and HEAD, and OPTIONS says so', async () => {
    for (const [method, status] of [
      ['GET', 405],
      ['HEAD', 405],
      ['PUT', 405],
      ['OPTIONS', 204],
    ] as const) {
      const response = await app.get('/api/v1/auth/logout', cookie, { method });
      assert.equal(response.status, status, method);
      assert.equal(response.headers.get('allow'), 'OPTIONS, POST', method);
    }
    assert.equal((await app.get('/api/v1/me', cookie)).status, 200);
  });

  await t.test('a method of another route, whose param has the form of a plain path, is 405', async () => {
    // `DELETE /reports/{report_id}` has this form, and `Allow` named it.
    for (const [method, status] of [
      ['DELETE', 405],
      ['OPTIONS', 204],
    ] as const) {
      const response = await app.get('/api/v1/reports/ledger', cookie, { method });
      assert.equal(response.status, status, method);
      assert.equal(response.headers.get('allow'), 'GET, HEAD, OPTIONS', method);
    }
  });

  await t.test('a wrong method on an unknown path is 404', async () => {
    assert.equal((await app.get('/nothing', cookie, { method: 'POST' })).status, 404);
  });

  await t.test('OPTIONS says what is allowed', async () => {
    const response = await app.get('/api/v1/sessions', null, { method: 'OPTIONS' });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, OPTIONS');
  });

  await t.test('HEAD has the status and headers of GET and no body', async () => {
    const response = await app.get('/api/v1/me', cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(await response.text(), '');
    assert.equal((await app.get('/api/v1/me', null, { method: 'HEAD' })).status, 401);
  });

  await t.test('a request id is made for each answer, errors included', async () => {
    const found = await app.get('/health/live');
    const refused = await app.get('/api/v1/me');
    assert.match(found.headers.get('x-request-id') ?? '', REQUEST_ID);
    assert.equal((await readError(refused)).request_id, refused.headers.get('x-request-id'));
  });

  await t.test('a request id that the caller sends is kept if it has our format', async () => {
    const id = newId('request');
    const response = await app.get('/health/live', null, { headers: { 'X-Request-Id': id } });
    assert.equal(response.headers.get('x-request-id'), id);
  });

  await t.test('a request id in any other format is replaced', async () => {
    for (const id of ['x', newId('session'), newId('request').toLowerCase(), `${newId('request')}x`]) {
      const response = await app.get('/health/live', null, { headers: { 'X-Request-Id': id } });
      const given = response.headers.get('x-request-id');
      assert.notEqual(given, id);
      assert.ok(isId('request', given));
    }
  });

  await t.test('every answer, an error too, forbids caching, framing, sniffing and referrers', async () => {
    for (const path of ['/health/live', '/api/v1/me', '/nothing']) {
      const { headers } = await app.get(path);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('strict-transport-security'), null);
    }
  });

  await t.test('a body on a GET is ignored', async () => {
    const body = '{"limit":0}';
    const head = `GET /health/live HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: ${body.length}`;
    const answer = await sendRaw(app.url, `${head}\r\nContent-Type: application/json\r\n\r\n${body}`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
  });

  await t.test('hostile targets are answered in the envelope and never by 500', async () => {
    const id = newId('session');
    const targets = [
      '/api/v1/sessions/%zz',
      '/api/v1/sessions/%00',
      '/api/v1/sessions/%E0%A4%A',
      '/api/v1/sessions/%ED%A0%80',
      '/api/v1/sessions/..%2F..%2Fetc%2Fpasswd',
      '/api/v1/sessions/__proto__',
      `/api/v1/sessions/${id}%00`,
      `/api/v1/sessions/${id.toLowerCase()}/report`,
      `/api/v1/sessions/${'A'.repeat(8000)}`,
      '/api/v1/sessions?since=%ED%A0%80',
      '/api/v1/sessions?cursor=%00',
      `/api/v1/sessions?cursor=${'e'.repeat(8000)}`,
      '/api/v1/sessions?limit=%zz',
      '/api/v1/sessions?limit=1&limit=1',
      '/api/v1/agents/%zz/sessions?limit=0',
      '/api/v1/agents/%2e%2e',
      '/api/v1/agents?cursor=.',
      '/\xe9\xa0',
      'http://[',
      '*',
    ];
    for (const target of targets) {
      const answer = await sendTarget(app.url, target, `Cookie: ${cookie}\r\n`);
      assert.match(answer, /^HTTP\/1\.1 4(00|04|22) /, target);
      const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
      assert.match(error.request_id, REQUEST_ID, target);
    }
  });

  await t.test('a request names its host once, unless it is HTTP/1.0', async () => {
    const get = (version: string, hosts: string) =>
      sendRaw(app.url, `GET /health/live HTTP/${version}\r\n${hosts}Connection: close\r\n\r\n`);
    for (const hosts of ['', 'Host: a\r\nHost: b\r\n']) {
      const answer = await get('1.1', hosts);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /\r\nX-Request-Id: req_/);
      assert.match(answer, /"code":"bad_request"/);
    }
    assert.match(await get('1.0', ''), /^HTTP\/1\.1 200 /);
  });

  await t.test('a tunnel to another host is 404', async () => {
    const answer = await sendRaw(app.url, 'CONNECT example.org:80 HTTP/1.1\r\nHost: example.org\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.match(answer, /"code":"not_found"/);
  });

  await t.test('an expectation that is not known is ignored', async () => {
    const answer = await sendTarget(app.url, '/health/live', 'Expect: tea\r\n');
    assert.match(answer, /^HTTP\/1\.1 200 /);
  });

  await t.test('bytes that are not HTTP are answered 400 in the envelope', async () => {
    for (const request of [
      'nonsense\r\n\r\n',
      'MADEUP / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
    ]) {
      const answer = await sendRaw(app.url, request);
      assert.match(answer, /^HTTP\/1\.1 400 /, request);
      assert.match(answer, /"code":"bad_request"/, request);
    }
  });

  await t.test('a request line or headers past the limit are 431 in the envelope', async () => {
    for (const [target, headers] of [
      [`/${'a'.repeat(20_000)}`, ''],
      [`/?limit=${'1'.repeat(2_000_000)}`, ''],
      ['/', `Cookie: ${'a'.repeat(20_000)}\r\n`],
    ] as const) {
      const answer = await sendTarget(app.url, target, headers);
      assert.match(answer, /^HTTP\/1\.1 431 /);
      assert.match(answer, /"code":"headers_too_large"/);
    }
  });
});

test('in production browsers are told to stay on HTTPS', async (t) => {
  const app = await startApp(t, { NODE_ENV: 'production' });
  const { headers } = await app.get('/health/live');
  assert.match(headers.get('strict-transport-security') ?? '', /^max-age=\d+/);
});
