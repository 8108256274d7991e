import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { EXCLUSIONS } from '../../support/verifiers/exclusions.ts';
import { VERIFY_MJS } from '../../support/verifiers/load-verifier.ts';
import { mutantsOf } from '../../support/verifiers/mutants.ts';
import { survivingMutants } from '../../support/verifiers/run-mutants.ts';

/** One in so many: `npm run test:mutations` takes minutes for all. */
const SAMPLED = 48;

describe('verify.mjs without one of its checks', () => {
  it('answers a case of the corpus wrongly, whichever check was taken out', async () => {
    const { run, survivors } = await survivingMutants((_, number) => number % SAMPLED === 3);
    const excluded = EXCLUSIONS['verify.mjs'];
    const left = survivors.filter(({ name }) => !excluded.some(({ text }) => name.includes(text)));
    assert.deepEqual(left, []);
    assert.ok(run >= 7);
  });

  it('is a copy that differs in one place, for each call that ends a check', () => {
    const source = readFileSync(VERIFY_MJS, 'utf8');
    const mutants = mutantsOf(source);
    assert.ok(mutants.length > 250);
    assert.equal(new Set(mutants.map((mutant) => mutant.source)).size, mutants.length);
    assert.ok(mutants.every((mutant) => mutant.source !== source));
  });
});
