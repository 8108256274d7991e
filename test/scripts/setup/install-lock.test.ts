import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const MODULE = new URL('../../../scripts/setup/install-lock.mjs', import.meta.url).href;

/** Holds the lock of a folder from when it says "held" until its standard input ends. */
const HOLDER = `
  import { withInstallLock } from '${MODULE}';
  await withInstallLock(process.argv[1], async () => {
    process.stdout.write('held');
    await new Promise((resolve) => process.stdin.resume().on('end', resolve));
  });
`;

function createFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function startHolder(t: TestContext, folder: string) {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder]);
  t.after(() => child.kill('SIGKILL'));
  const { stdout, stderr, stdin } = child;
  assert.ok(stdout && stderr && stdin);
  return { child, held: once(stdout, 'data'), waits: once(stderr, 'data'), release: () => stdin.end() };
}

test('a second installation waits, says so, and continues when the first is done', async (t) => {
  const folder = createFolder(t);
  const first = startHolder(t, folder);
  await first.held;
  const second = startHolder(t, folder);
  const [line] = await second.waits;
  assert.match(String(line), /Another command is installing the packages: waiting/);
  first.release();
  await second.held;
});

test('an installation that is killed leaves the lock free', async (t) => {
  const folder = createFolder(t);
  const first = startHolder(t, folder);
  await first.held;
  const second = startHolder(t, folder);
  await second.waits;
  first.child.kill('SIGKILL');
  await second.held;
});

test('installations in two folders do not wait for each other', async (t) => {
  await startHolder(t, createFolder(t)).held;
  await startHolder(t, createFolder(t)).held;
});
