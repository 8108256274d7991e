import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findChromium } from '../../../../workers/pdf/chromium/find-chromium.ts';

/** A folder with programs that say what they are when asked for their version. */
function install(t: TestContext, programs: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, says] of Object.entries(programs)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  }
  return root;
}

test('the configured Chromium is used, whatever else is installed', async (t) => {
  const root = install(t, {
    'mine/browser': 'Google Chrome 156.0.8078.79 ',
    'bin/chromium': 'Chromium 155.0.0.1',
  });
  const chromePath = join(root, 'mine/browser');
  const found = await findChromium({ chromePath, path: join(root, 'bin'), root });
  assert.deepEqual(found, { path: chromePath, version: '156.0.8078.79' });
});

test('a configured Chromium that is not there is not replaced, and its path is not printed', async (t) => {
  const root = install(t, { 'bin/chromium': 'Chromium 155.0.0.1' });
  const chromePath = join(root, 'secret-place');
  assert.deepEqual(await findChromium({ chromePath, path: join(root, 'bin'), root }), {
    missing: 'CHROME_PATH names no Chromium, Chrome or Edge that runs',
  });
});

test('the headless shell comes before Chromium, Chromium before Chrome, Chrome before Edge', async (t) => {
  const names = ['chrome-headless-shell', 'chromium', 'google-chrome', 'microsoft-edge'];
  for (const [i, name] of names.entries()) {
    const rest = names
      .slice(i)
      .map((each) => [`bin/${each}`, 'Google Chrome for Testing 156.0.1.2'] as const);
    const root = install(t, Object.fromEntries(rest));
    const path = join(root, 'bin');
    assert.deepEqual(await findChromium({ chromePath: undefined, path, root }), {
      path: join(path, name),
      version: '156.0.1.2',
    });
  }
});

test('Debian’s binary is used, not the script that starts it', async (t) => {
  const root = install(t, {
    'usr/bin/chromium-headless-shell': 'Chromium 156.0.1.2',
    'usr/lib/chromium/chromium-headless-shell': 'Chromium 156.0.1.2',
  });
  const found = await findChromium({ chromePath: undefined, path: join(root, 'usr/bin'), root });
  assert.deepEqual(found, {
    path: join(root, 'usr/lib/chromium/chromium-headless-shell'),
    version: '156.0.1.2',
  });
});

test('Edge is found where its package puts it', async (t) => {
  const root = install(t, { 'opt/microsoft/msedge/msedge': 'Microsoft Edge 156.0.1.2 ' });
  const found = await findChromium({ chromePath: undefined, path: '', root });
  assert.ok('path' in found);
});

test('another program with the name of a browser is not used', async (t) => {
  const root = install(t, {
    'bin/chromium': 'a game, version 1.2.3.4',
    'bin/google-chrome': 'Chrome 1.2.3.4',
  });
  const found = await findChromium({ chromePath: undefined, path: join(root, 'bin'), root });
  assert.deepEqual(found, { path: join(root, 'bin/google-chrome'), version: '1.2.3.4' });
});

test('without a Chromium the reason says what to do', async (t) => {
  const found = await findChromium({ chromePath: undefined, path: '', root: install(t, {}) });
  assert.deepEqual(found, {
    missing: 'there is no Chromium: install chromium-headless-shell, or set CHROME_PATH',
  });
});
