import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../scripts/command/command.ts';
import { selectUnitTests } from '../../scripts/test-unit.ts';
import { runScript } from '../support/commands.ts';

const NEEDS: Readonly<Record<string, string[]>> = {
  'test/api/app.test.ts': ['Chromium', 'MongoDB'],
  'test/api/cursor.test.ts': [],
  'test/shared/ids.test.ts': [],
};

function select(...patterns: string[]) {
  const find = (some: readonly string[]) =>
    Object.keys(NEEDS).filter((file) => some.length === 0 || some.some((part) => file.includes(part)));
  return selectUnitTests(patterns, find, (file) => NEEDS[file] ?? []);
}

const run = (...args: string[]) => runScript('test-unit.ts', args, { PATH: process.env.PATH ?? '' });

test('without a pattern all tests that need no service are selected', () => {
  assert.deepEqual(select(), {
    files: ['test/api/cursor.test.ts', 'test/shared/ids.test.ts'],
    leftOut: [],
  });
});

test('a pattern selects the tests that need no service, and lists those left out', () => {
  assert.deepEqual(select('api/'), {
    files: ['test/api/cursor.test.ts'],
    leftOut: [{ file: 'test/api/app.test.ts', needs: ['Chromium', 'MongoDB'] }],
  });
});

test('a pattern for tests that all need a service is refused, with the services and the command', () => {
  assert.throws(
    () => select('ids', 'app'),
    (error) =>
      error instanceof UsageError &&
      /^app names only .* npm test -- app.*app\.test\.ts needs Chromium, MongoDB$/s.test(error.message),
  );
});

test('a pattern that matches no test is refused beside one that does', () => {
  assert.throws(() => select('ids', 'nowhere'), new UsageError('No test matches nowhere.'));
});

test('npm run test:unit runs a test by its path: exit code 0', async () => {
  const { code, stdout } = await run('time/present-time');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ℹ tests 2$/m);
});

test('npm run test:unit refuses a test that needs services: exit code 64', async () => {
  const { code, stderr } = await run('api/tenancy');
  assert.equal(code, 64);
  assert.match(stderr, /tenancy\.test\.ts needs Chromium, MongoDB\n/);
});

test('npm run test:unit -- --help says how it is used: exit code 0', async () => {
  const { code, stdout } = await run('--help');
  assert.equal(code, 0);
  assert.match(stdout, /^usage: npm run test:unit/);
});
