import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';

test('work that is done before an abort gives its result or its error', async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(signal, Promise.resolve(1)), 1);
  await assert.rejects(unlessAborted(signal, Promise.reject(new Error('broken'))), { message: 'broken' });
});

test('an abort ends the wait for work that never ends', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(controller.signal, new Promise(() => {}));
  controller.abort(new Error('over'));
  await assert.rejects(waiting, { message: 'over' });
  await assert.rejects(unlessAborted(controller.signal, new Promise(() => {})), { message: 'over' });
});
