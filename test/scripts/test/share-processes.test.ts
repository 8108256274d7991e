import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareProcesses } from '../../../scripts/test/share-processes.ts';

const PLAIN = "import { test } from 'node:test';\ntest('x', () => {});\n";

function share(files: Readonly<Record<string, string>>, needOwn: readonly string[] = []): string[][] {
  const tests = Object.keys(files).filter((file) => file.endsWith('.test.ts'));
  return shareProcesses(tests, new Set(needOwn), (file) => files[file] ?? null);
}

test('files of a folder share a process, at most six', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `test/one/${name}.test.ts`);
  const files = Object.fromEntries([...names, 'test/two/h.test.ts'].map((name) => [name, PLAIN]));
  assert.deepEqual(share(files), [names.slice(0, 6), names.slice(6), ['test/two/h.test.ts']]);
});

const OWN: Readonly<Record<string, string>> = {
  'has a hook beside each test': `beforeEach(async () => {});\n${PLAIN}`,
  'hands such a hook on': `const { db } = await openStore({ after, beforeEach });\n${PLAIN}`,
  'changes its environment': `${PLAIN}test('y', () => { process.env.TZ = 'UTC'; });`,
  'takes other variables': `${PLAIN}test('y', () => { process.env = {}; });`,
  'watches what is loaded': `${PLAIN}registerHooks({});`,
};

for (const [how, text] of Object.entries(OWN)) {
  test(`a file that ${how} has a process of its own`, () => {
    const files = {
      'test/a.test.ts': PLAIN,
      'test/b.test.ts': text,
      'test/c.test.ts': PLAIN,
    };
    assert.deepEqual(share(files), [['test/a.test.ts', 'test/c.test.ts'], ['test/b.test.ts']]);
  });
}

test('an await while it is loaded, and a hook before or after all of its tests, keep no file alone', () => {
  const files = {
    'test/a.test.ts': PLAIN,
    'test/b.test.ts': `const { db } = await openStore({ after });\nbefore(async () => {});\n${PLAIN}`,
  };
  assert.deepEqual(share(files), [['test/a.test.ts', 'test/b.test.ts']]);
});

test('a file that is said to need a process of its own has one', () => {
  const files = { 'test/a.test.ts': PLAIN, 'test/b.test.ts': PLAIN };
  assert.deepEqual(share(files, ['test/a.test.ts']), [['test/a.test.ts'], ['test/b.test.ts']]);
});
