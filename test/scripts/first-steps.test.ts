import assert from 'node:assert/strict';
import { execFile as execFileCallback } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { describeFirstSteps } from '../../scripts/first-steps.ts';
import { addSessionWithLog, redaction } from '../support/logs.ts';
import { startApp } from '../support/start-app.ts';

const execFile = promisify(execFileCallback);

type ShownAnswer = Readonly<{
  [Name in 'appended' | 'already_there' | 'size']?: number;
}> &
  Readonly<{
    merkle_root_hex?: string;
    session?: { log_state: string };
    report?: { merkle_root_hex: string; redactions_by_kind: Record<string, number> };
  }>;

function readAnswer(text: string): ShownAnswer {
  return JSON.parse(text) as ShownAnswer;
}

test('the last lines of npm start', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId } = tenant;
  const { db } = app.database;
  const countLogins = () => db.collection('logins').countDocuments({});
  const describe = (mayIssueLogin: boolean, hasQueues = true) =>
    describeFirstSteps(db, {
      ...{ apiUrl: app.url, consoleUrl: 'https://evidence.example' },
      ...{ accountId: null, hasQueues, mayIssueLogin, auditKeys: app.config.auditKeys },
    });
  const countLinks = () => db.collection('sign_in_links').countDocuments({});

  await t.test('without sessions they say how to import, and issue no login', async () => {
    const before = await countLogins();
    assert.match((await describe(true)).join('\n'), /npm run import/);
    assert.equal(await countLogins(), before);
    assert.equal(await countLinks(), 0);
  });

  await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });

  await t.test('a printed cookie opens the API, and not the queues of all accounts', async () => {
    const lines = await describe(true);
    const cookie = /masker_session=[\w-]{43}/.exec(lines.join('\n'))?.[0];
    assert.ok(cookie);
    const me = (await (await app.get('/api/v1/me', cookie)).json()) as { permissions: string[] };
    assert.deepEqual(me.permissions, ['agents:read', 'sessions:read', 'reports:read', 'log:read']);
    assert.equal((await app.get('/admin/queues', cookie)).status, 403);
    const operator = `  npm run -s login -- --account ${accountId} --permissions admin --link`;
    assert.ok(lines.includes(operator));
    assert.ok(!(await describe(true, false)).includes(operator));
  });

  await t.test('they begin with a link that signs a browser in, another one each time', async () => {
    const shown = await Promise.all([describe(true), describe(true)]);
    const tokens = shown.map(([first = '', second = '']) => {
      assert.match(
        first,
        /^Open the console in a browser: this link signs you in once, within 10 minutes\.$/,
      );
      const [, token] = /^ {2}https:\/\/evidence\.example\/sign-in\?link=([\w-]{43})$/.exec(second) ?? [];
      assert.ok(token, second);
      return token;
    });
    assert.notEqual(tokens[0], tokens[1]);
    const link = await app.deps.signInLinks.find(tokens[0] as string, new Date());
    const user = await app.deps.users.findOrCreate(accountId, 'operator');
    assert.deepEqual(link, {
      ...{ accountId, userId: user?.id },
      permissions: ['agents:read', 'sessions:read', 'reports:read', 'log:read'],
    });
  });

  await t.test('a shell that runs the last block writes a session and gets its report', async () => {
    const lines = await describe(true);
    const begin = lines.findIndex((line) => line.startsWith('Write a session'));
    const script = lines.slice(begin + 1, begin + 6).join('\n');
    assert.match(script, /TOKEN=msk_\S{49}/);
    const run = async (text: string) => {
      const { stdout } = await execFile('bash', ['-ec', text]);
      return stdout.replaceAll('}{', '}\n{').split('\n').map(readAnswer);
    };
    const [opened, appended, ended, issued] = await run(script);
    assert.equal(opened?.session?.log_state, 'open');
    assert.deepEqual([appended?.appended, appended?.already_there, appended?.size], [2, 0, 2]);
    assert.equal(issued?.report?.merkle_root_hex, ended?.merkle_root_hex);
    assert.deepEqual(issued?.report?.redactions_by_kind, { NAME: 1, PHONE: 1 });
    const [token, , events, end] = script.split('\n');
    const [again, endedAgain] = await run(`${token}\n${events}\n${end}`);
    assert.deepEqual([again?.appended, again?.already_there], [0, 2]);
    assert.deepEqual(endedAgain, ended);
  });

  await t.test('where none may be issued, they say how to make one, and none is made', async () => {
    const before = [await countLogins(), await countLinks()];
    const text = (await describe(false)).join('\n');
    assert.doesNotMatch(text, /masker_session|sign-in\?link/);
    assert.match(text, new RegExp(`npm run -s login -- --account ${accountId} --user NAME --link`));
    assert.match(text, new RegExp(`COOKIE=\\$\\(npm run -s login -- --account ${accountId} --user NAME\\)`));
    assert.match(text, /curl -s -b "\$COOKIE" 'http:\S+\/api\/v1\/sessions\?since=30d&limit=5'/);
    assert.deepEqual([await countLogins(), await countLinks()], before);
  });

  await t.test('where the user of printed logins is disabled, they go on without a login', async () => {
    const users = db.collection('users');
    await users.updateOne({ account_id: accountId, name: 'operator' }, { $set: { disabled_at: new Date() } });
    assert.match((await describe(true)).join('\n'), /COOKIE=\$\(npm run -s login/);
    await users.updateOne({ account_id: accountId, name: 'operator' }, { $set: { disabled_at: null } });
  });

  await t.test('a deleted account is not shown', async () => {
    await db
      .collection<{ _id: string }>('accounts')
      .updateOne({ _id: accountId }, { $set: { deleted_at: new Date() } });
    assert.match((await describe(true)).join('\n'), /npm run import/);
  });
});
