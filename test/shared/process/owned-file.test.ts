import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { replaceFile, replaceFileSync, withFileLock } from '../../../shared/process/owned-file.ts';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a replaced file can be read by its owner only, whatever it could before', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file.json');
  for (const write of [replaceFile, replaceFileSync]) {
    writeFileSync(file, 'old', { mode: 0o644 });
    await write(file, 'new');
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    rmSync(file);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('a file that cannot be replaced is left as it was, and nothing beside it', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file.json');
  mkdirSync(join(file, 'in-the-way'), { recursive: true });
  await assert.rejects(replaceFile(file, 'new'));
  assert.throws(() => replaceFileSync(file, 'new'));
  assert.deepEqual(readdirSync(folder), ['file.json']);
});

test('one holder of a lock works at a time, and the lock goes with the last', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file.json');
  let working = 0;
  const results = await Promise.all(
    [1, 2, 3].map((n) =>
      withFileLock(file, async () => {
        working += 1;
        await setImmediate();
        assert.equal(working, 1);
        working -= 1;
        return n;
      }),
    ),
  );
  assert.deepEqual(results, [1, 2, 3]);
  assert.deepEqual(readdirSync(folder), []);
});

test('work that fails gives its error and lets go of the lock', async (t) => {
  const file = join(temporaryFolder(t), 'file.json');
  await assert.rejects(
    withFileLock(file, () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  );
  assert.equal(await withFileLock(file, async () => 'next'), 'next');
});

test('a lock in a folder that is not there fails at once', async (t) => {
  const file = join(temporaryFolder(t), 'absent', 'file.json');
  await assert.rejects(
    withFileLock(file, async () => {}),
    { code: 'ENOENT' },
  );
});
