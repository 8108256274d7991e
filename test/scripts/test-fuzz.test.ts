import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../../scripts/command/command.ts';
import { provideSchemathesis } from '../../scripts/test/fuzz/venv.ts';
import { parseCount } from '../../scripts/test-fuzz.ts';

test('npm run test:fuzz takes whole numbers', () => {
  assert.equal(parseCount('--requests', '10000', 1_000_000), 10_000);
  for (const text of ['0', '-1', '1e3', '1.5', 'many', '', '1000001']) {
    assert.throws(() => parseCount('--requests', text, 1_000_000), UsageError, text);
  }
});

test('a Python that cannot make an environment is named, and nothing is taken for installed', async (t) => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'masker-evidence-venv-'));
  t.after(() => rm(cacheDir, { recursive: true, force: true }));
  const found = await provideSchemathesis({
    python: '/bin/false',
    cacheDir,
    say: () => {},
    signal: new AbortController().signal,
  });
  assert.match('missing' in found ? found.missing : '', /\/bin\/false/);
  assert.ok(!existsSync(join(cacheDir, 'complete')));
});

test('every requirement has one exact version', () => {
  const file = join(import.meta.dirname, '../../scripts/test/fuzz/requirements.txt');
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  for (const line of lines) assert.match(line, /^[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*$/);
  assert.ok(lines.some((line) => line.startsWith('schemathesis==')));
});
