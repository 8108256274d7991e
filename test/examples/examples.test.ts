// The examples of README, run against a live service.
import assert from 'node:assert/strict';
import { execFile as execFileCallback } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { newId } from '../../shared/audit/ids.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { startApp } from '../support/start-app.ts';
import { WRITER_SCOPES } from '../support/writer-client.ts';

const execFile = promisify(execFileCallback);
const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const FILES = { 'write-session.sh': 'sh', 'write_session.py': 'python', 'write-session.ts': 'ts' } as const;

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
