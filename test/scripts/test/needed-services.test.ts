import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededServices } from '../../../scripts/test/needed-services.ts';

/** Not in one piece: this file would seem to need what its examples read. */
const ENV = 'process.env';

/** What `test/a.test.ts` needs, among these files. */
function needs(files: Readonly<Record<string, string>>): string[] {
  return neededServices('test/a.test.ts', (file) => files[file] ?? null);
}

test('a test that imports code alone needs no service', () => {
  const files = {
    'test/a.test.ts': "import { a } from '../shared/a.ts';\nimport assert from 'node:assert';",
    'shared/a.ts': "import { b } from './b.ts';",
    'shared/b.ts': 'export const b = 1;',
  };
  assert.deepEqual(needs(files), []);
});

test('a service is needed whose variable is read by what a test imports, however far away', () => {
  const files = {
    'test/a.test.ts': "import {\n  one,\n} from './support/one.ts';",
    'test/support/one.ts': "export { two } from './two.ts';\nimport './three.ts';",
    'test/support/two.ts': `export const two = ${ENV}.TEST_REDIS_URL;`,
    'test/support/three.ts': `const url = ${ENV}.TEST_MONGODB_URI ?? '';`,
  };
  assert.deepEqual(needs(files), ['MongoDB', 'Redis']);
});

test('a service is needed that the test starts for itself', () => {
  const files = { 'test/a.test.ts': "const { start } = await import('../scripts/setup/redis.ts');" };
  assert.deepEqual(needs(files), ['Redis']);
});

test('what is imported for its types, or read where services are provided, is not needed', () => {
  const files = {
    'test/a.test.ts': "import type { World } from './support/world.ts';\nimport '../scripts/test.ts';",
    'test/support/world.ts': `const path = ${ENV}.TEST_CHROME_PATH;`,
    'scripts/test.ts': `const path = ${ENV}.TEST_CHROME_PATH;`,
  };
  assert.deepEqual(needs(files), []);
});

test('files that import each other end the search', () => {
  const files = {
    'test/a.test.ts': "import './b.ts';",
    'test/b.ts': `import './a.test.ts';\n${ENV}.TEST_CHROME_PATH;`,
  };
  assert.deepEqual(needs(files), ['Chromium']);
});
