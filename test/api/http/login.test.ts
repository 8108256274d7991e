import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { readError } from '../../support/answers.ts';
import { startApp } from '../../support/start-app.ts';

test('the login check', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const user = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;

  async function cookieIssuedAt(date: Date): Promise<string> {
    const { token } = await app.deps.logins.issue(accountId, user.id, [], date);
    return `masker_session=${token}`;
  }

  await t.test('a missing, empty, unknown or malformed cookie is refused', async () => {
    const cookies = [
      null,
      'masker_session=',
      'masker_session=unknown',
      `x${cookie}`,
      'masker_session="%00',
      ';;;=;',
    ];
    for (const bad of cookies) {
      const response = await app.get('/api/v1/me', bad);
      assert.equal(response.status, 401, String(bad));
      assert.equal((await readError(response)).code, 'unauthenticated');
    }
  });

  await t.test('an expired login is refused, whether or not it is removed', async () => {
    const expired = await cookieIssuedAt(new Date(Date.now() - 31 * DAY_MS));
    assert.equal((await app.get('/api/v1/me', expired)).status, 401);
  });

  await t.test('a fresh login is sent no new cookie', async () => {
    assert.equal((await app.get('/api/v1/me', cookie)).headers.get('set-cookie'), null);
  });

  await t.test('the cookie of a login in use is renewed once', async () => {
    const aged = await cookieIssuedAt(new Date(Date.now() - 29 * DAY_MS));
    const renewed = (await app.get('/api/v1/me', aged)).headers.get('set-cookie') ?? '';
    assert.ok(renewed.startsWith(`${aged}; Path=/; Expires=`));
    assert.match(renewed, /; HttpOnly; SameSite=Lax$/);
    assert.equal((await app.get('/api/v1/me', aged)).headers.get('set-cookie'), null);
  });
});

test('in production a renewed cookie is for HTTPS only', async (t) => {
  const app = await startApp(t, { NODE_ENV: 'production' });
  const { accountId } = await app.addTenant('Clinic');
  const user = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
  const { token } = await app.deps.logins.issue(accountId, user.id, [], new Date(Date.now() - DAY_MS));
  const response = await app.get('/api/v1/me', `masker_session=${token}`);
  assert.match(response.headers.get('set-cookie') ?? '', /; Secure$/);
});
