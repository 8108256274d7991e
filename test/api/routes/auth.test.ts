import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { assertError } from '../../support/answers.ts';
import { sendRaw } from '../../support/raw-http.ts';
import { startApp } from '../../support/start-app.ts';

const LOGOUT = '/api/v1/auth/logout';
const CLEARED = 'masker_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax';

test('POST /auth/logout', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const logout = (by: string | null, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    app.get(LOGOUT, by, { method: 'POST', headers, ...init });
  const isValid = async (by: string) => (await app.get('/api/v1/me', by)).status === 200;
  const { host } = new URL(app.url);

  await t.test('a page of another host cannot log a user out', async () => {
    const forged: Record<string, string>[] = [
      { 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'https://evil.example' },
      { Origin: `http://evil.${host}` },
      { Origin: 'http://127.0.0.1:1' },
      { Origin: 'null' },
      { Origin: host },
      { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-site' },
      { Origin: `http://${host}`, 'Sec-Fetch-Site': 'cross-site' },
    ];
    for (const headers of forged) {
      const response = await logout(cookie, headers);
      assert.equal(response.headers.get('set-cookie'), null);
      await assertError(response, 403, 'forbidden');
      assert.ok(await isValid(cookie), JSON.stringify(headers));
    }
    const twoOrigins = `Origin: http://${host}\r\nOrigin: http://evil.example\r\n`;
    const head = `POST ${LOGOUT} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n`;
    assert.match(await sendRaw(app.url, `${head}${twoOrigins}Content-Length: 0\r\n\r\n`), /^HTTP\/1\.1 403 /);
    assert.ok(await isValid(cookie));
  });

  await t.test('GET and HEAD are 405 and end nothing', async () => {
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await app.get(LOGOUT, cookie, { method })).status, 405);
    }
    assert.ok(await isValid(cookie));
  });

  await t.test('ends the login of the cookie, and no other one', async () => {
    const mine = await app.login(accountId);
    const response = await logout(mine);
    assert.equal(response.status, 204);
    assert.equal(await response.text(), '');
    assert.equal(response.headers.get('set-cookie'), CLEARED);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(await isValid(mine), false);
    assert.ok(await isValid(cookie));
    assert.equal((await app.deps.logins.list(accountId, new Date(), 10)).length, 1);
  });

  await t.test('is 204 again, and for an unknown, an expired, a revoked or no login', async () => {
    const user = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
    const old = await app.deps.logins.issue(accountId, user.id, [], new Date(Date.now() - 31 * DAY_MS));
    const mine = await app.login(accountId);
    for (const by of [
      mine,
      mine,
      'masker_session=unknown',
      `masker_session=${old.token}`,
      'masker_session=',
      null,
    ]) {
      const response = await logout(by);
      assert.equal(response.status, 204, String(by));
      assert.equal(response.headers.get('set-cookie'), CLEARED, String(by));
    }
    const revoked = await app.login(accountId);
    const { id } = (await app.deps.logins.findByToken(revoked.split('=')[1]!, new Date()))!;
    await app.deps.logins.revoke(accountId, id);
    assert.equal((await logout(revoked)).status, 204);
  });

  await t.test('a page of this host may send it, with a body or without', async () => {
    const headers: Record<string, string>[] = [
      { Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' },
      // Behind a proxy that replaces Host, as nginx does by itself.
      { Origin: 'https://app.example', 'Sec-Fetch-Site': 'same-origin' },
      { Origin: `http://${host.toUpperCase()}` },
      // The TLS proxy in front speaks HTTPS, and passes `Host` on.
      { Origin: `https://${host}` },
      { 'Sec-Fetch-Site': 'none' },
    ];
    for (const given of headers) {
      const mine = await app.login(accountId);
      assert.equal((await logout(mine, given, { body: '{"all":true}' })).status, 204, JSON.stringify(given));
      assert.equal(await isValid(mine), false);
    }
  });

  await t.test('the default port of a host may be written or left out', async () => {
    const mine = await app.login(accountId);
    const head = `POST ${LOGOUT} HTTP/1.1\r\nHost: evidence.example:443\r\nCookie: ${mine}\r\nConnection: close`;
    const answer = await sendRaw(
      app.url,
      `${head}\r\nOrigin: https://evidence.example\r\nContent-Length: 0\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 204 /);
    assert.equal(await isValid(mine), false);
  });

  await t.test('revokes no bearer token', async () => {
    const expiresAt = new Date(Date.now() + DAY_MS);
    const { text } = await app.deps.tokens.create(accountId, { name: 'x', scopes: [], expiresAt });
    const authorization = `Bearer ${text}`;
    const mine = await app.login(accountId);
    assert.equal((await logout(mine, { authorization })).status, 204);
    assert.equal(await isValid(mine), false);
    assert.equal((await app.get('/api/v1/me', null, { headers: { authorization } })).status, 200);
  });
});

test('in production the cleared cookie is Secure, as the one it replaces', async (t) => {
  const app = await startApp(t, { NODE_ENV: 'production' });
  const response = await app.get(LOGOUT, null, { method: 'POST' });
  assert.equal(response.headers.get('set-cookie'), `${CLEARED}; Secure`);
});
