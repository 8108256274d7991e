import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ChromiumSetup, provideChromium } from '../../../scripts/setup/chromium.ts';

/** A machine without Chromium, its package manager, and all that was said. */
function emptyMachine(t: TestContext, aptGet: string) {
  const root = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  const command = join(root, 'apt-get');
  writeFileSync(command, `#!/bin/sh\necho "$@" >> ${root}/calls\n${aptGet}\n`, { mode: 0o755 });
  const said: string[] = [];
  const setup: ChromiumSetup = {
    chromePath: undefined,
    path: '',
    root,
    cacheDir: join(root, 'cache'),
    aptGet: command,
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  };
  const calls = () =>
    existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [];
  return { root, setup, said, calls };
}

const AS_ROOT = { skip: process.geteuid?.() !== 0 && 'only root installs packages' };

test('an installed Chromium is used, and nothing is printed', async (t) => {
  const { root, setup, said, calls } = emptyMachine(t, 'exit 1');
  const path = join(root, 'usr/bin/chromium');
  writeFileSync(path, '#!/bin/sh\necho Chromium 156.0.1.2\n', { mode: 0o755 });
  assert.equal(await provideChromium(setup), path);
  assert.deepEqual([said, calls()], [[], []]);
});

test('root installs Debian’s package of Chromium, and no fonts', AS_ROOT, async (t) => {
  const { root, setup, said, calls } = emptyMachine(
    t,
    'case "$*" in *download-only*|*update*) exit 0;; esac\n' +
      'd="$(dirname "$0")/usr/bin/chromium-headless-shell"; printf "#!/bin/sh\\necho Chromium 156.0.1.2\\n" > "$d"; chmod +x "$d"',
  );
  const path = join(root, 'usr/bin/chromium-headless-shell');
  assert.equal(await provideChromium(setup), path);
  assert.match(calls().at(-1) ?? '', / install chromium-headless-shell$/);
  assert.equal(said.length, 2);
  assert.equal(said.at(-1), `PDF: ${path}, Chromium 156.0.1.2`);
});

test('a failed installation of Chromium is remembered, and reported in one line', AS_ROOT, async (t) => {
  const { setup, said, calls } = emptyMachine(t, 'exit 100');
  assert.equal(await provideChromium(setup), null);
  const asked = calls().length;
  assert.ok(asked > 0);
  said.length = 0;
  assert.equal(await provideChromium(setup), null);
  assert.equal(calls().length, asked);
  assert.match(said.join('\n'), /^PDF: off, there is no Chromium.*chromium-unavailable.*$/);
});

test('without apt-get no failed installation is remembered', AS_ROOT, async (t) => {
  const { root, setup, said } = emptyMachine(t, 'exit 1');
  assert.equal(await provideChromium({ ...setup, aptGet: join(root, 'nowhere') }), null);
  assert.match(said.at(-1) ?? '', /^PDF: off, .*there is no apt-get/);
  assert.ok(!existsSync(join(root, 'cache')));
});

test('a CHROME_PATH that does not run is not replaced by a package', async (t) => {
  const { setup, said, calls } = emptyMachine(t, 'exit 0');
  assert.equal(await provideChromium({ ...setup, chromePath: '/nowhere' }), null);
  assert.deepEqual(said, ['PDF: off, CHROME_PATH names no Chromium, Chrome or Edge that runs']);
  assert.deepEqual(calls(), []);
});

test('an abort ends the installation of Chromium', AS_ROOT, async (t) => {
  const { setup } = emptyMachine(t, 'exec sleep 30');
  const stopping = new AbortController();
  const providing = provideChromium({ ...setup, signal: stopping.signal, say: () => stopping.abort() });
  await assert.rejects(providing, { name: 'AbortError' });
});
