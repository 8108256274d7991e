import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runIssueLogin } from '../../scripts/issue-login.ts';
import { runLogins } from '../../scripts/logins.ts';
import { newId } from '../../shared/audit/ids.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { runHere } from '../support/run-here.ts';
import { startApp } from '../support/start-app.ts';

type Listed = {
  id: string;
  user: { id: string; name: string | null };
  permissions: string[];
  last_used_at: string | null;
  works: boolean;
};

test('npm run logins', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('clinic');
  const other = await app.addTenant('other');
  const env = {
    ...commandEnv(app.database, '/nonexistent', `k_test:${'1f'.repeat(32)}`),
    CURSOR_KEY: '2e'.repeat(32),
  };
  const run = (...args: string[]) => runHere(runLogins, ['--account', accountId, ...args], env);
  const list = async () => (JSON.parse((await run('--json')).stdout) as { logins: Listed[] }).logins;
  const statusOf = async (by: string) => (await app.get('/api/v1/sessions', by)).status;

  const issued = await runHere(runIssueLogin, ['--account', accountId, '--user', 'Ada'], env);
  const ada = issued.stdout.trim();
  assert.equal(await statusOf(ada), 200);

  await t.test('lists user, times and permissions of each login, and no token', async () => {
    const logins = await list();
    assert.deepEqual(
      logins.map(({ user, works }) => [user.name, works]),
      [
        ['Ada', true],
        ['Test User', true],
      ],
    );
    const [first, second] = logins;
    assert.deepEqual(first?.permissions, ['agents:read', 'sessions:read', 'reports:read', 'log:read']);
    assert.ok(first.last_used_at);
    assert.equal(second?.last_used_at, null);

    const { code, stdout } = await run();
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^${first.id}  Ada  made .*  last used 2.*  expires .*  agents:read,`));
    assert.match(stdout, / {2}Test User {2}.* {2}last used never {2}/);
    for (const by of [ada, cookie]) assert.ok(!stdout.includes(by.split('=')[1]!));
  });

  await t.test('a login whose user was deleted is listed as refused', async () => {
    const user = (await app.deps.users.findOrCreate(accountId, 'Gone'))!;
    await app.deps.logins.issue(accountId, user.id, []);
    await app.database.db.collection<{ _id: string }>('users').deleteOne({ _id: user.id });
    const [first] = await list();
    assert.deepEqual([first?.user, first?.works], [{ id: user.id, name: null }, false]);
    assert.match((await run()).stdout, new RegExp(`${user.id}  .*refused: .*  no permissions`));
  });

  await t.test('ends one login, which is refused from then on', async () => {
    const { id } = (await list()).find(({ user }) => user.name === 'Ada')!;
    assert.equal((await runHere(runLogins, ['--account', other.accountId, '--revoke', id], env)).code, 1);
    assert.equal(await statusOf(ada), 200);
    assert.equal((await run('--revoke', id)).stdout, '1 revoked\n');
    assert.equal(await statusOf(ada), 401);
    assert.equal(await statusOf(cookie), 200);
    const again = await run('--revoke', id);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /has no login lgn_\w+, or no more: npm run logins/);
    const raw = await run('--revoke', 'x\u001b[31m\ny');
    assert.match(raw.stderr, /has no login x\\u\{1b\}\[31m\\u\{a\}y, or no more/);
  });

  await t.test('ends all logins of the account, and none of another', async () => {
    assert.deepEqual(JSON.parse((await run('--all', '--json')).stdout), { revoked: 2 });
    assert.equal(await statusOf(cookie), 401);
    assert.equal(await statusOf(other.cookie), 200);
    const none = await run();
    assert.deepEqual([none.code, none.stdout], [0, '']);
    assert.match(none.stderr, /has no logins/);
  });

  await t.test('arguments that are not usable are 64, an unknown account is 1', async () => {
    assert.equal((await run('--all', '--revoke', 'lgn_0123456789abcdef')).code, 64);
    assert.equal((await run('x')).code, 64);
    assert.equal((await runHere(runLogins, ['--account', 'x'], env)).code, 64);
    const unknown = await runScript('logins.ts', ['--account', newId('account'), '--all'], env);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /There is no account/);
  });
});
