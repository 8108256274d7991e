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
  'has a hook of its whole process': `before(async () => {});\n${PLAIN}`,
  'awaits while it is loaded': `const { db } = await openStore();\n${PLAIN}`,
  'changes its environment': `${PLAIN}test('y', () => { process.env.TZ = 'UTC'; });`,
  'takes other variables': `${PLAIN}test('y', () => { process.env = {}; });`,
  'watches what is loaded': `${PLAIN}registerHooks({});`,
  'imports what awaits': `import { x } from './support/late.ts';\n${PLAIN}`,
  'imports what imports what awaits': `import { x } from './support/later.ts';\n${PLAIN}`,
};

for (const [how, text] of Object.entries(OWN)) {
  test(`a file that ${how} has a process of its own`, () => {
    const files = {
      'test/a.test.ts': PLAIN,
      'test/b.test.ts': text,
      'test/c.test.ts': PLAIN,
      'test/support/late.ts': 'export const x = await read();\n',
      'test/support/later.ts': "export { x } from './late.ts';\n",
    };
    assert.deepEqual(share(files), [['test/a.test.ts', 'test/c.test.ts'], ['test/b.test.ts']]);
  });
}

test('a hook of a suite, an await in a test and a type of what awaits keep no file alone', () => {
  const files = {
    'test/a.test.ts': PLAIN,
    'test/b.test.ts': `import type { X } from './late.ts';
describe('y', () => {
  before(async () => {});
  it('z', async () => {
    const { env } = await run(process.env.PATH === 'x');
  });
});
`,
    'test/late.ts': 'export const x = await read();\n',
  };
  assert.deepEqual(share(files), [['test/a.test.ts', 'test/b.test.ts']]);
});

test('a file that is said to need a process of its own has one', () => {
  const files = { 'test/a.test.ts': PLAIN, 'test/b.test.ts': PLAIN };
  assert.deepEqual(share(files, ['test/a.test.ts']), [['test/a.test.ts'], ['test/b.test.ts']]);
});
