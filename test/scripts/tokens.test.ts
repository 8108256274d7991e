import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../scripts/command/command.ts';
import { readTask, runTokens, type TokenOptions } from '../../scripts/tokens.ts';
import { isTokenText } from '../../shared/accounts/token-text.ts';
import { isId, newId } from '../../shared/audit/ids.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { runHere } from '../support/run-here.ts';
import { startApp } from '../support/start-app.ts';

type Listed = { id: string; name: string; scopes: string[]; created_at: string; expires_at: string };

test('npm run tokens', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('clinic');
  const other = await app.addTenant('other');
  const env = {
    ...commandEnv(app.database, '/nonexistent', `k_test:${'1f'.repeat(32)}`),
    CURSOR_KEY: '2e'.repeat(32),
  };
  const run = (...args: string[]) => runHere(runTokens, ['--account', accountId, ...args], env);
  const list = async () =>
    (JSON.parse((await run('--list', '--json')).stdout) as { tokens: Listed[] }).tokens;
  const statusOf = async (token: string, path = '/api/v1/sessions') =>
    (await app.get(path, null, { headers: { authorization: `Bearer ${token}` } })).status;

  const made = await run('--create', 'nightly', '--scopes', 'sessions:read, reports:read', '--json');
  const { token, id } = JSON.parse(made.stdout) as { token: string; id: string };

  await t.test('makes a token that the API accepts, with its scopes alone', async () => {
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(Object.keys(JSON.parse(made.stdout)), ['token', 'id']);
    assert.ok(isTokenText(token));
    assert.ok(isId('token', id));
    assert.equal(await statusOf(token), 200);
    assert.equal(await statusOf(token, '/api/v1/agents'), 403);
  });

  await t.test('prints the token alone to stdout, and its id beside it', async () => {
    const plain = await run('--create', 'hourly', '--scopes', 'agents:read', '--expires', '36h');
    assert.ok(isTokenText(plain.stdout.trimEnd()));
    assert.match(plain.stderr, /^tok_\w{26}: keep the token, it is not shown again\.$/m);
  });

  await t.test('lists names, scopes and times, and shows no token again', async () => {
    const tokens = await list();
    const lifetimes = tokens.map(
      ({ created_at, expires_at }) => Date.parse(expires_at) - Date.parse(created_at),
    );
    assert.deepEqual(
      tokens.map(({ name, scopes }) => [name, scopes]),
      [
        ['hourly', ['agents:read']],
        ['nightly', ['sessions:read', 'reports:read']],
      ],
    );
    assert.deepEqual(lifetimes, [1.5 * DAY_MS, 90 * DAY_MS]);
    const { stdout } = await run();
    assert.match(
      stdout,
      new RegExp(`^${id}  nightly  made .*  last used 2.*  expires .*  sessions:read,`, 'm'),
    );
    assert.match(stdout, / {2}hourly {2}.* {2}last used never {2}/);
    assert.ok(!stdout.includes(token.slice(4, 12)));
  });

  await t.test('revokes a token of its own account, which stays listed', async () => {
    const foreign = await runScript('tokens.ts', ['--account', other.accountId, '--revoke', id], env);
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /has no token tok_/);
    assert.equal(await statusOf(token), 200);
    assert.equal((await run('--revoke', id)).stdout, `${id} revoked\n`);
    assert.equal(await statusOf(token), 401);
    assert.deepEqual(JSON.parse((await run('--revoke', id, '--json')).stdout), { revoked: id });
    assert.match((await run()).stdout, new RegExp(`^${id}  nightly .*  revoked 2`, 'm'));
  });

  await t.test('an id that is no token of the account is printed without escapes of its own', async () => {
    const { code, stderr } = await run('--revoke', 'x\u001b[31m\ny');
    assert.equal(code, 1);
    assert.match(stderr, /has no token x\\u\{1b\}\[31m\\u\{a\}y: npm run tokens/);
  });

  await t.test('arguments that are not usable are 64, and nothing is made', async () => {
    const count = (await list()).length;
    assert.equal((await run('--create', 'x')).code, 64);
    assert.equal((await runHere(runTokens, ['--account', 'x'], env)).code, 64);
    assert.equal((await list()).length, count);
  });

  await t.test('an account that is unknown or deleted gets no token', async () => {
    await app.database.db
      .collection<{ _id: string }>('accounts')
      .updateOne({ _id: other.accountId }, { $set: { deleted_at: new Date() } });
    for (const account of [newId('account'), other.accountId]) {
      const args = ['--account', account, '--create', 'x', '--scopes', 'sessions:read'];
      const { code, stdout, stderr } = await runHere(runTokens, args, env);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /There is no account acc_\w+, or it was deleted/);
    }
  });
});

test('options that ask for two things, for half of one or for what there is not are refused', () => {
  const create = { create: 'x', scopes: 'sessions:read' };
  const unusable: TokenOptions[] = [
    { create: 'x' },
    { create: 'x', scopes: '' },
    { create: 'x', scopes: 'root' },
    { create: 'x', scopes: 'sessions:read,' },
    { create: ' ', scopes: 'sessions:read' },
    { ...create, list: true },
    { ...create, revoke: newId('token') },
    ...['0d', '367d', '9000h', '90', '1.5d', '-1d', 'never', ''].map((expires) => ({ ...create, expires })),
    { scopes: 'sessions:read' },
    { expires: '90d' },
  ];
  for (const options of unusable) {
    assert.throws(() => readTask(options), UsageError, JSON.stringify(options));
  }
  for (const expires of ['1h', '366d', '8784h']) assert.ok(readTask({ ...create, expires }));
});
