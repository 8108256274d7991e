import assert from 'node:assert/strict';
import { execFile as execFileCallback } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parseHTML } from 'linkedom';
import { newId } from '../../../shared/audit/ids.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';
import { openWriter, POLICY_TEXT, prepare, WRITER_SCOPES } from '../../support/writer-client.ts';

const execFile = promisify(execFileCallback);

async function readLines(app: TestApp, cookie: string): Promise<string[]> {
  const page = await app.get('/connect', cookie);
  assert.equal(page.status, 200);
  const { document } = parseHTML(await page.text());
  return [...document.querySelectorAll('pre code')].map((code) => code.textContent ?? '');
}

test('the page that connects an agent', async (t) => {
  const app = await startApp(t);
  const run = async (accountId: string, lines: readonly string[]) => {
    const expiresAt = new Date(Date.now() + 60_000);
    const { text } = await app.deps.tokens.create(accountId, { name: 'P', scopes: WRITER_SCOPES, expiresAt });
    return (await execFile('bash', ['-ec', `TOKEN=${text}\n${lines.join('\n')}`])).stdout;
  };

  await t.test('an account without an agent gets lines that store all, and that work as pasted', async () => {
    const accountId = newId('account');
    await app.deps.accounts.upsert(accountId, 'New');
    const [, ...lines] = await readLines(app, await app.login(accountId));
    const printed = await run(accountId, lines);
    assert.match(printed, /"log_state":"open".*"appended":2.*"redactions_by_kind":\{"NAME":1,"PHONE":1\}/s);
  });

  await t.test('an account that has some gets them in the lines', async () => {
    const { accountId, cookie } = await app.addTenant('Clinic');
    const send = await openWriter(app, accountId);
    await prepare(send);
    await send('PUT', '/policies/healthcare-default/2', POLICY_TEXT.replace('version: 1', 'version: 2'));
    const [token, session, ...rest] = await readLines(app, cookie);
    assert.match(token!, new RegExp(`--account ${accountId}`));
    // One call a block: each is copied by itself.
    assert.deepEqual(
      rest.map((line) => /\/(events|end|report)'/.exec(line)?.[1]),
      ['events', 'end', 'report'],
    );
    assert.match(session!, /"policy_name":"healthcare-default","policy_version":2/);
    assert.match(await run(accountId, [session!, ...rest]), /"appended":2.*"merkle_root_hex"/s);
  });

  await t.test('it needs a login that may read agents', async () => {
    const { accountId } = await app.addTenant('Other');
    assert.equal((await app.get('/connect', await app.login(accountId, ['sessions:read']))).status, 403);
  });
});

test('the lines name the address that is configured', async (t) => {
  const app = await startApp(t, { PUBLIC_URL: 'https://evidence.example' });
  const { cookie } = await app.addTenant('Clinic');
  assert.ok((await readLines(app, cookie)).at(-1)?.includes("'https://evidence.example/api/v1/sessions/"));
});
