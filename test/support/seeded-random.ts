// Random choices of a test that can be made again: TEST_SEED gives the seed, which is printed otherwise.
import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createRandom, type Random } from '../../scripts/demo/random.ts';

/** One sequence for each seed and test. The seed is printed with the test, whether it passes or fails. */
export function seededRandom(t: TestContext): Random {
  const seed = process.env.TEST_SEED || String(randomInt(2 ** 31));
  t.diagnostic(`TEST_SEED=${seed}`);
  return createRandom(`${seed} ${t.fullName}`);
}
