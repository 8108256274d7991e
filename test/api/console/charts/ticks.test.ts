import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadTicks, wholeTicks } from '../../../../api/console/charts/ticks.ts';

test('ticks are whole numbers from 0 that reach the largest count', () => {
  assert.deepEqual(wholeTicks(0, 5), [0, 1]);
  assert.deepEqual(wholeTicks(1, 5), [0, 1]);
  assert.deepEqual(wholeTicks(3, 5), [0, 1, 2, 3]);
  assert.deepEqual(wholeTicks(7, 5), [0, 2, 4, 6, 8]);
  assert.deepEqual(wholeTicks(1_234, 5), [0, 500, 1_000, 1_500]);
  for (let max = 1; max < 100_000; max = Math.ceil(max * 1.3)) {
    const ticks = wholeTicks(max, 5);
    assert.ok(ticks.at(-1)! >= max && ticks.length <= 6, String(max));
    assert.ok(ticks.every(Number.isInteger), String(max));
  }
});

test('spread ticks begin with the first item and are at most as many as asked for', () => {
  const items = Array.from({ length: 31 }, (_, i) => i);
  assert.deepEqual(spreadTicks(items, 5), [0, 7, 14, 21, 28]);
  assert.deepEqual(spreadTicks([4, 5], 5), [4, 5]);
  assert.deepEqual(spreadTicks([], 5), []);
});
