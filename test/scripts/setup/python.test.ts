import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type PythonSetup, providePython } from '../../../scripts/setup/python.ts';

/** A machine with these programs called python3, each in a folder of its own on the PATH. */
function machineWith(t: TestContext, pythons: readonly string[], aptGet = 'exit 1') {
  const root = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (file: string, script: string) =>
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const folders = pythons.map((script, i) => {
    const folder = join(root, `${i}`);
    mkdirSync(folder);
    write(join(folder, 'python3'), script);
    return folder;
  });
  const installed = join(root, 'installed');
  mkdirSync(installed);
  write(join(root, 'apt-get'), `echo "$@" >> ${root}/calls\n${aptGet}`);
  const setup: PythonSetup = {
    path: [...folders, installed].join(delimiter),
    cacheDir: join(root, 'cache'),
    aptGet: join(root, 'apt-get'),
    say: () => {},
    signal: new AbortController().signal,
  };
  const calls = () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : '');
  return { folders, installed, setup, calls };
}

const AS_ROOT = { skip: process.geteuid?.() !== 0 && 'only root installs packages' };

test('the first Python of 3.9 or later that runs is used', async (t) => {
  const { folders, setup, calls } = machineWith(t, ['echo Python 3.8.18', 'exit 1', 'echo Python 3.9.2']);
  assert.equal(await providePython(setup), join(folders[2] as string, 'python3'));
  assert.equal(calls(), '');
});

test('root installs Debian’s package where there is no Python', AS_ROOT, async (t) => {
  const { installed, setup, calls } = machineWith(
    t,
    ['echo Python 2.7.18'],
    'case "$*" in *download-only*|*update*) exit 0;; esac\n' +
      'd="$(dirname "$0")/installed/python3"; printf "#!/bin/sh\\necho Python 3.13.1\\n" > "$d"; chmod +x "$d"',
  );
  assert.equal(await providePython(setup), join(installed, 'python3'));
  assert.match(calls(), / install python3\n$/);
});

test('there is no Python where none can be installed', AS_ROOT, async (t) => {
  assert.equal(await providePython(machineWith(t, []).setup), null);
});
