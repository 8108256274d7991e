import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { describeAsFileFailure, describeFileFailure } from '../../../scripts/command/caller-file.ts';
import { formatVerifierKey, verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { runScript } from '../../support/commands.ts';
import { signerOf } from '../../support/signers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ENV = { PATH: process.env.PATH ?? '', DATA_DIR: '/absent' };
const COMMAND = new URL('../../../scripts/command/command.ts', import.meta.url).href;

test('a file that is not there is named by its place below the caller’s folder, with a remedy', async (t) => {
  const folder = temporaryFolder(t);
  const env = { ...ENV, INIT_CWD: folder };
  const key = formatVerifierKey(verifierKeyOf('evidence.example/a', signerOf(1).publicKey));
  const runs: readonly (readonly [script: string, args: readonly string[]])[] = [
    ['verify.ts', ['gone.json']],
    ['verify.ts', ['gone.json', '--key', key]],
    ['import.ts', ['gone.json', '--dry-run']],
  ];
  for (const [script, args] of runs) {
    const { code, stderr } = await runScript(script, args, env);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      new RegExp(`${join(folder, 'gone.json')} cannot be read \\(ENOENT\\): nothing is there`),
    );
  }
});

test('a file of the file system is named with the system’s code and a remedy', async (t) => {
  const folder = temporaryFolder(t);
  const caught = await readFile(join(folder, 'gone')).catch((error: unknown) => error);
  assert.match(describeAsFileFailure(caught) ?? '', /gone cannot be used \(ENOENT\): nothing is there/);
  mkdirSync(join(folder, 'sub'));
  const isFolder = await readFile(join(folder, 'sub')).catch((error: unknown) => error);
  assert.match(
    describeFileFailure('sub', 'read', isFolder),
    /^sub cannot be read \(EISDIR\): it is a folder/,
  );
  assert.equal(describeAsFileFailure(new Error('other')), null);
});

test('a file that this user may not use is named with a remedy', () => {
  const refused = Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/srv/a\u001b.json' });
  assert.equal(
    describeAsFileFailure(refused),
    '/srv/a\\u{1b}.json cannot be used (EACCES): this user may not: change its owner or mode, or run the command as another user',
  );
});

for (const write of ["console.log('line')", "process.stdout.write('line\\n')"]) {
  test(`a command whose reader has gone ends at once and quietly: ${write}`, async () => {
    const script = `
      import { runCommand } from '${COMMAND}';
      process.exitCode = await runCommand('', {}, async () => {
        for (;;) {
          ${write};
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      });
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    const stderr = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    assert.deepEqual(await exited, [1, null]);
    assert.equal(await stderr, '');
  });
}
