import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentTime } from '../../../shared/time/present-time.ts';

test('a time has a fraction of three digits only when it is not zero', () => {
  assert.equal(presentTime(new Date('2026-05-03T21:14:32.000Z')), '2026-05-03T21:14:32Z');
  assert.equal(presentTime(new Date('2026-05-03T21:14:32.790Z')), '2026-05-03T21:14:32.790Z');
});

test('an invalid date is refused', () => {
  assert.throws(() => presentTime(new Date(Number.NaN)), RangeError);
});
