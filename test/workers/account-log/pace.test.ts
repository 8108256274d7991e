import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace } from '../../../workers/account-log/pace.ts';

test('a short log is kept whenever it is asked for, a long one rests five times as long, 25 s at most', async () => {
  let nowMs = 0;
  const pace = createPace(() => nowMs);
  const keep = (tookMs: number) =>
    pace.take('a', async () => {
      nowMs += tookMs;
    });
  assert.ok(pace.may('a'));
  await keep(999);
  assert.ok(pace.may('a'));
  await keep(2_000);
  assert.ok(!pace.may('a'));
  assert.ok(pace.may('b'));
  nowMs += 9_999;
  assert.ok(!pace.may('a'));
  nowMs += 1;
  assert.ok(pace.may('a'));
  await keep(60_000);
  nowMs += 24_999;
  assert.ok(!pace.may('a'));
  nowMs += 1;
  assert.ok(pace.may('a'));
  await assert.rejects(pace.take('a', () => Promise.reject(new Error('away'))));
});
