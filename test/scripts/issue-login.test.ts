import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runIssueLogin } from '../../scripts/issue-login.ts';
import { TENANT_PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { runHere } from '../support/run-here.ts';
import { startApp } from '../support/start-app.ts';

describe('npm run login', () => {
  it('npm run login prints a cookie that the API accepts, with the permissions asked for', async (t) => {
    const app = await startApp(t);
    const { accountId } = await app.addTenant('clinic');
    const env = commandEnv(app.database, '/nonexistent', `k_test:${'1f'.repeat(32)}`);
    const login = (...args: string[]) =>
      runHere(runIssueLogin, ['--account', accountId, ...args], { ...env, CURSOR_KEY: '2e'.repeat(32) });

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

    const ada = await login('--user', ' Ada ');
    const nameOf = async (by: string) => (await (await app.get('/api/v1/me', by)).json()) as { user: object };
    const user = await app.deps.users.findOrCreate(accountId, 'Ada');
    assert.deepEqual((await nameOf(ada.stdout.trim())).user, user);

    assert.equal((await login('--permissions', 'root')).code, 64);
    assert.equal((await login('--user', ' ')).code, 64);
    const unknown = await runScript('issue-login.ts', ['--account', newId('account')], {
      ...env,
      CURSOR_KEY: '2e'.repeat(32),
    });
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /There is no account/);
  });

  it('npm run login --link prints a link that gives a login once, and issues none before', async (t) => {
    const app = await startApp(t);
    const { accountId } = await app.addTenant('clinic');
    const env = {
      ...commandEnv(app.database, '/nonexistent', `k_test:${'1f'.repeat(32)}`),
      CURSOR_KEY: '2e'.repeat(32),
    };
    const login = (args: readonly string[], more: Record<string, string> = {}) =>
      runHere(runIssueLogin, ['--account', accountId, '--link', ...args], { ...env, ...more });
    const find = (link: string) =>
      app.deps.signInLinks.find(new URL(link).searchParams.get('link') ?? '', new Date());
    const before = await app.database.db.collection('logins').countDocuments({});

    const plain = await login(['--user', 'Ada', '--permissions', 'sessions:read'], { PORT: '8081' });
    assert.match(plain.stdout, /^http:\/\/127\.0\.0\.1:8081\/sign-in\?link=[\w-]{43}\n$/, plain.stderr);
    const ada = await app.deps.users.findOrCreate(accountId, 'Ada');
    assert.deepEqual(await find(plain.stdout), {
      accountId,
      userId: ada?.id,
      permissions: ['sessions:read'],
    });

    const json = JSON.parse((await login(['--json'], { PUBLIC_URL: 'https://evidence.example/' })).stdout);
    assert.match(json.link, /^https:\/\/evidence\.example\/sign-in\?link=[\w-]{43}$/);
    assert.ok(new Date(json.expires_at) > new Date());
    assert.deepEqual((await find(json.link))?.permissions, [...TENANT_PERMISSIONS]);
    assert.equal(await app.database.db.collection('logins').countDocuments({}), before);

    const nowhere = await login([], { PORT: '0' });
    assert.deepEqual([nowhere.code, nowhere.stdout], [1, '']);
    assert.match(nowhere.stderr, /PORT=0 does not say where the API listens: set PUBLIC_URL/);

    const users = app.database.db.collection('users');
    await users.updateOne({ name: 'Ada' }, { $set: { disabled_at: new Date() } });
    const refused = await login(['--user', 'Ada']);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
  });

  it('no login is issued to a user who was deleted or disabled, nor to a deleted account', async (t) => {
    const app = await startApp(t);
    const { accountId } = await app.addTenant('clinic');
    const { db } = app.database;
    const env = {
      ...commandEnv(app.database, '/nonexistent', `k_test:${'1f'.repeat(32)}`),
      CURSOR_KEY: '2e'.repeat(32),
    };
    const login = (...args: string[]) => runHere(runIssueLogin, ['--account', accountId, ...args], env);
    const rows = (name: string) => db.collection<{ _id: string }>(name);

    const ada = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
    await rows('users').updateOne({ _id: ada.id }, { $set: { disabled_at: new Date() } });
    const refused = await login('--user', 'Ada');
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, /The user Ada of acc_\w+ was deleted or is disabled: take another --user/);
    assert.equal((await login('--user', 'Grace')).code, 0);

    await rows('accounts').updateOne({ _id: accountId }, { $set: { deleted_at: new Date() } });
    const gone = await login('--user', 'Grace');
    assert.deepEqual([gone.code, gone.stdout], [1, '']);
    assert.match(gone.stderr, /There is no account acc_\w+, or it was deleted/);
  });
});
