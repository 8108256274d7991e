import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Forecast } from '../../../workers/logs/forecast.ts';

const reason = new Error('too late');

/** How many ranges of 100 are walked, each taking so long, before the walk is given up; null if it never is. */
function givenUpAfter(eachMs: number, atMs: number | null): number | null {
  let now = 1_000;
  const deadline = atMs === null ? null : { atMs: now + atMs, reason: () => reason };
  const forecast = new Forecast(100, deadline, () => now);
  for (let done = 1; done <= 100; done += 1) {
    now += eachMs;
    try {
      forecast.rangeDone();
    } catch (error) {
      assert.equal(error, reason);
      return done;
    }
  }
  return null;
}

describe('a forecast', () => {
  it('lets a walk go on that meets its deadline, or misses it narrowly', () => {
    assert.equal(givenUpAfter(10, 1_000), null);
    assert.equal(givenUpAfter(10, 1_100), null);
  });

  it('gives up a walk early that would take more than twice its time', () => {
    assert.equal(givenUpAfter(10, 400), 8);
    assert.equal(givenUpAfter(1_000, 10_000), 8);
  });

  it('gives up a walk midway once the rest takes too long', () => {
    const after = givenUpAfter(10, 600);
    assert.ok(after !== null && after > 8 && after < 60);
  });

  it('never gives up a walk without a deadline', () => {
    assert.equal(givenUpAfter(1e9, null), null);
  });
});
