import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsOwnProcess } from '../../../scripts/test/own-process.ts';

const FILE = 'test/a/b.test.ts';

function needs(files: Readonly<Record<string, string>>): boolean {
  return needsOwnProcess(FILE, (file) => files[file] ?? null);
}

const MARKED: Readonly<Record<string, string>> = {
  'a hook outside a suite': 'after(() => {});',
  'a mock that no test ends': "mock.timers.enable({ apis: ['setTimeout'] });",
  'a variable of the environment that it sets': "  process.env.NODE_ENV = 'production';",
  'a variable of the environment that it removes': '  delete process.env.NODE_ENV;',
  'an environment that it replaces': 'process.env = env;',
  'a console that it replaces': '  console.log = keep;',
  'a listener of the process': "process.on('SIGTERM', () => {});",
  'an exit code': 'process.exitCode = 1;',
  'a hook of the module loader': 'const hooks = registerHooks({});',
  'a measurement of the memory': 'const { rss } = process.memoryUsage();',
  'a global value': 'globalThis.fetch = replaced;',
};

for (const [mark, text] of Object.entries(MARKED)) {
  test(`a file with ${mark} needs a process of its own`, () => {
    assert.equal(needs({ [FILE]: text }), true);
  });
}

test('a file that imports a marked file of test/ needs a process of its own', () => {
  const files = { [FILE]: "import { a } from '../support/a.ts';", 'test/support/a.ts': 'process.exit(3);' };
  assert.equal(needs(files), true);
});

test('a marked file of the product and a marked file of types alone leave a file free to share', () => {
  const text = "import { a } from '../../shared/a.ts';\nimport type { B } from '../support/b.ts';";
  assert.equal(
    needs({ [FILE]: text, 'shared/a.ts': 'process.exit(3);', 'test/support/b.ts': 'mock.x' }),
    false,
  );
});

const FREE: Readonly<Record<string, string>> = {
  'a hook within a suite': "describe('x', () => {\n  after(() => {});\n});",
  'a mock of the test': 't.mock.timers.enable();',
  'a variable of the environment that it reads': "if (process.env.TEST_SEED === '1') run();",
};

for (const [what, text] of Object.entries(FREE)) {
  test(`a file with ${what} may share a process`, () => {
    assert.equal(needs({ [FILE]: text }), false);
  });
}
