import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meResponse } from '../../../api/routes/me/schema.ts';
import { startApp } from '../../support/start-app.ts';

test('GET /me', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('Clinic');

  await t.test('401 without a login', async () => {
    assert.equal((await app.get('/api/v1/me')).status, 401);
  });

  await t.test('401 when the user of the login is gone', async () => {
    const { token } = await app.deps.logins.issue(accountId, 'usr_gone', []);
    assert.equal((await app.get('/api/v1/me', `masker_session=${token}`)).status, 401);
  });

  await t.test('/me names the user, the account and the permissions, whatever they are', async () => {
    const response = await app.get('/api/v1/me', await app.login(accountId, []));
    assert.equal(response.status, 200);
    const me = meResponse.parse(await response.json());
    assert.deepEqual(me.account, { id: accountId, name: 'Clinic' });
    assert.equal(me.user.name, 'Test User');
    assert.deepEqual(me.permissions, []);
  });
});
