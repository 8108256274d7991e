import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT, runCommand } from '../../../scripts/command/command.ts';
import { ReleaseStack } from '../../../shared/process/release.ts';

test('a command prints its error even where releasing resources fails after it', async (t) => {
  const printed = t.mock.method(console, 'error', () => {});
  // The test runner's own arguments are not the command's.
  t.mock.property(process, 'argv', process.argv.slice(0, 2));
  const exitCode = await runCommand('usage', {}, async () => {
    await using resources = new ReleaseStack();
    resources.defer(() => Promise.reject(new Error('not released')));
    throw new Error('the cause');
  });
  assert.equal(exitCode, EXIT.error);
  assert.deepEqual(printed.mock.calls[0]?.arguments, ['the cause']);
});
