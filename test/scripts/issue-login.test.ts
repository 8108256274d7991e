import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TENANT_PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { startApp } from '../support/start-app.ts';

describe('npm run login', () => {
  it('npm run login prints a cookie that the API accepts, with the permissions asked for', async (t) => {
    const app = await startApp(t);
    const { accountId } = await app.addTenant('clinic');
    const env = commandEnv(app.database, '/nonexistent', `k_test:${'1f'.repeat(32)}`);
    const login = (...args: string[]) =>
      runScript('issue-login.ts', ['--account', accountId, ...args], { ...env, CURSOR_KEY: '2e'.repeat(32) });

    const all = await login('--json');
    assert.equal(all.code, 0, all.stderr);
    const { cookie, expires_at } = JSON.parse(all.stdout);
    assert.match(cookie, /^masker_session=[\w-]{43}$/);
    assert.ok(new Date(expires_at) > new Date());
    assert.equal((await app.get('/api/v1/sessions', cookie)).status, 200);

    const me = await (await app.get('/api/v1/me', cookie)).json();
    assert.deepEqual((me as { permissions: string[] }).permissions, [...TENANT_PERMISSIONS]);

    const some = await login('--permissions', 'agents:read');
    assert.equal((await app.get('/api/v1/agents', some.stdout.trim())).status, 200);
    assert.equal((await app.get('/api/v1/sessions', some.stdout.trim())).status, 403);

    assert.equal((await login('--permissions', 'root')).code, 64);
    const unknown = await runScript('issue-login.ts', ['--account', newId('account')], {
      ...env,
      CURSOR_KEY: '2e'.repeat(32),
    });
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /There is no account/);
  });
});
