import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runAccounts } from '../../scripts/accounts.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { farDate } from '../support/far-date.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { runHere } from '../support/run-here.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('npm run accounts makes accounts and lists them, newest first', async (t) => {
  const database = await openTestDatabase(t);
  const env = commandEnv(database, temporaryFolder(t), '');
  const run = (...args: string[]) => runHere(runAccounts, args, env);

  assert.match((await run()).stderr, /There are no accounts/);
  const made = await runScript('accounts.ts', ['--create', ' Clinic North '], env);
  assert.match(made.stdout, /^acc_[0-9A-Z]{26}\n$/);
  assert.match(made.stderr, new RegExp(`account=${made.stdout.trim()}`));
  const second = JSON.parse((await run('--create', 'South', '--json')).stdout) as {
    id: string;
    name: string;
  };
  assert.equal(second.name, 'South');
  const { accounts } = JSON.parse((await run('--list', '--json')).stdout) as { accounts: { id: string }[] };
  assert.deepEqual(
    accounts.map(({ id }) => id),
    [second.id, made.stdout.trim()],
  );
  assert.match((await run()).stdout, /Clinic North {2}made /);
  for (const args of [['--create', ''], ['--create', 'a\u202eb'], ['--create', 'a', '--list'], ['more']]) {
    const refused = await run(...args);
    assert.equal(refused.code, 64, args.join(' '));
  }
  assert.match((await run('--create', 'Call +1 415 555 2671')).stderr, /a phone number/);
});

it('npm run accounts lists an account whose time of deletion cannot be read as deleted', async (t) => {
  const database = await openTestDatabase(t);
  const env = commandEnv(database, temporaryFolder(t), '');
  const run = (...args: string[]) => runHere(runAccounts, args, env);
  assert.equal((await run('--create', 'Clinic')).code, 0);
  for (const deleted_at of [farDate(), [new Date()], 'x']) {
    await database.db.collection('accounts').updateOne({}, { $set: { deleted_at } });
    const { code, stdout } = await run();
    assert.equal(code, 0);
    assert.match(stdout, /Clinic {2}made \S+ {2}deleted at a time that cannot be read\n$/);
    const { accounts } = JSON.parse((await run('--list', '--json')).stdout);
    assert.deepEqual([accounts[0].is_deleted, accounts[0].deleted_at], [true, null]);
  }
});
