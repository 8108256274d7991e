import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runInLanes } from '../../../scripts/batch/run-in-lanes.ts';

const ITEMS = Array.from({ length: 20 }, (_, i) => i);

test('every item is run once, and no more at a time than there are lanes', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await runInLanes(ITEMS, { lanes: 3 }, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
    done.push(item);
  });
  assert.equal(most, 3);
  assert.deepEqual(
    done.sort((a, b) => a - b),
    ITEMS,
  );
});

test('after a failure no item is begun, and every item that was begun has ended', async () => {
  const begun: number[] = [];
  let ended = 0;
  const run = runInLanes(ITEMS, { lanes: 3 }, async (item) => {
    begun.push(item);
    if (item === 4) throw new Error('item 4');
    await turn();
    await turn();
    ended += 1;
  });
  await assert.rejects(run, { message: 'item 4' });
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.equal(ended, 4);
});

test('after an abort no item is begun, and nothing fails', async () => {
  const stop = new AbortController();
  const done: number[] = [];
  await runInLanes(ITEMS, { lanes: 2, signal: stop.signal }, async (item) => {
    if (item === 5) stop.abort();
    await turn();
    done.push(item);
  });
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5]);
});
