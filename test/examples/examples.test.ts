// The examples of README, run against a live service.
import assert from 'node:assert/strict';
import { execFile as execFileCallback } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { newId } from '../../shared/audit/ids.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { newSecret, signMessage } from '../../shared/webhooks/sign-message.ts';
import { startApp } from '../support/start-app.ts';
import { WRITER_SCOPES } from '../support/writer-client.ts';

const execFile = promisify(execFileCallback);
const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const FILES = {
  'write-session.sh': 'sh',
  'write_session.py': 'python',
  'write-session.ts': 'ts',
  'verify-webhook.js': 'js',
  'verify_webhook.py': 'python',
} as const;

for (const [file, language] of Object.entries(FILES)) {
  test(`README shows ${file} as it is run here`, () => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    assert.ok(
      README.includes(`\n\`\`\`${language}\n${text}\`\`\`\n`),
      `copy test/examples/${file} into README.md`,
    );
  });
}

test('the types of the example are of this API', () => {
  const types = readFileSync(join(import.meta.dirname, 'api-types.d.ts'), 'utf8');
  const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../api/openapi.json'), 'utf8'));
  const typed = [...types.matchAll(/^ {4}"(\/[^"]*)": \{$/gm)].map(([, path]) => path);
  assert.deepEqual(typed.sort(), Object.keys(document.paths).sort(), 'npm run openapi:types makes them anew');
});

test('the examples of README write a session each, and get its report', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('Clinic');
  const expiresAt = new Date(Date.now() + DAY_MS);
  const { text: token } = await app.deps.tokens.create(accountId, {
    ...{ name: 'Example', scopes: WRITER_SCOPES, expiresAt },
  });
  const env = { PATH: process.env.PATH, MASKER_URL: app.url, MASKER_TOKEN: token };
  const run = async (command: string, file: string, more: Record<string, string> = {}) => {
    const { stdout } = await execFile(command, [file], {
      cwd: import.meta.dirname,
      env: { ...env, ...more },
    });
    return stdout;
  };

  await t.test('curl', async () => {
    const session = newId('session');
    const printed = await run('bash', 'write-session.sh', { AGENT: newId('agent'), SESSION: session });
    assert.match(printed, /"redactions_by_kind":\{"NAME":1\}/);
    assert.equal((await app.deps.sessions.find(accountId, session))?.log.size, 1);
  });

  await t.test('TypeScript', async () => {
    const printed = await run(process.execPath, 'write-session.ts');
    assert.match(printed, /^sess_[0-9A-Z]{26} \{ NAME: 1 \} sealed\n$/);
  });

  await t.test('Python', async (t) => {
    const found = await execFile('python3', ['--version']).catch(() => null);
    if (!found) return t.skip('python3 is not on the PATH');
    const printed = await run('python3', 'write_session.py');
    assert.match(printed, /^sess_[0-9A-Z]{26} \{'NAME': 1, 'PHONE': 1\} sealed\n$/);
  });
});

test('the examples of README verify a message to a webhook, and refuse a changed, an old and a foreign one', async (t) => {
  const body = '{"type":"webhook.test"}';
  const secret = newSecret();
  const nowS = Math.floor(Date.now() / 1_000);
  const signed = signMessage('msg_1', nowS, body, [newSecret(), secret]);
  const cases: [headers: object, body: string, isGood: boolean][] = [
    [signed, body, true],
    [signed, `${body} `, false],
    [signMessage('msg_1', nowS - 900, body, [secret]), body, false],
    [signMessage('msg_1', nowS, body, [newSecret()]), body, false],
  ];

  await t.test('Node', async () => {
    const { verify } = (await import('./verify-webhook.js' as string)) as {
      verify(secret: string, headers: object, body: Buffer): unknown;
    };
    for (const [headers, text, isGood] of cases) {
      const run = () => verify(secret, headers, Buffer.from(text));
      if (isGood) assert.deepEqual(run(), { type: 'webhook.test' });
      else assert.throws(run);
    }
  });

  await t.test('Python', async (t) => {
    const found = await execFile('python3', ['--version']).catch(() => null);
    if (!found) return t.skip('python3 is not on the PATH');
    const program =
      'import json, sys, verify_webhook as w; s, h, b = json.loads(sys.argv[1]); print(w.verify(s, h, b.encode()))';
    for (const [headers, text, isGood] of cases) {
      const args = ['-B', '-c', program, JSON.stringify([secret, headers, text])];
      const run = execFile('python3', args, { cwd: import.meta.dirname });
      if (isGood) assert.equal((await run).stdout, "{'type': 'webhook.test'}\n");
      else await assert.rejects(run, /ValueError/);
    }
  });
});
