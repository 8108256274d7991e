// The coverage of a policy's YAML against a second, naive reading of the same rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { assessCoverage } from '../../../shared/policy/assess-coverage.ts';
import type { Policy } from '../../../shared/policy/policy.ts';
import {
  NAIVE_ALIASES,
  type NaiveEntity,
  type NaivePolicy,
  naiveCoverage,
} from '../../support/naive-coverage.ts';
import { mustParse, policyFile } from '../../support/policies.ts';

const KINDS =
  'NAME ADDRESS DOB DATE AGE PHONE FAX EMAIL SSN MRN ACCOUNT VEHICLE URL IP_ADDRESS HEALTH_PLAN LICENSE DEVICE OTHER_ID BIOMETRIC'.split(
    ' ',
  );
const THRESHOLDS = [0, 0.6, 0.8, 0.8000001, 0.9, 0.9000001, 0.9999, 1];
const PASSES = ['regex', 'gemma', 'diarize', 'whisper'];

/** As the policy's YAML is read. */
function read({ passes, entities }: NaivePolicy): Policy {
  return mustParse(
    dump({ name: 'p', version: 1, passes, entities: Object.fromEntries(entities) }, { noRefs: true }),
  );
}

type Coverage = Readonly<Record<string, string>>;

function coverageOf(policy: Policy): Coverage {
  return Object.fromEntries(assessCoverage(policy).identifiers.map(({ key, status }) => [key, status]));
}

const either = [undefined, true, false];
const everyEntity: NaiveEntity[] = (['tokenize', 'redact', 'passthrough'] as const).flatMap((action) =>
  either.flatMap((enabled) =>
    either.flatMap((regex) =>
      either.flatMap((ner) =>
        [undefined, ...THRESHOLDS].map((confidence_threshold) => ({
          action,
          ...(enabled !== undefined && { enabled }),
          ...(regex !== undefined && { regex }),
          ...(ner !== undefined && { ner }),
          ...(confidence_threshold !== undefined && { confidence_threshold }),
        })),
      ),
    ),
  ),
);

const everyYaml = everyEntity.map((entity) => ({
  entity,
  yaml: dump(entity).replaceAll(/^(?=.)/gm, '    '),
}));
const passLists = [['regex', 'gemma'], ['regex'], ['gemma'], ['diarize']].map((passes) => ({
  passes,
  asRead: read({ passes, entities: [] }).passes,
}));

for (const kind of KINDS) {
  test(`coverage agrees with the naive assessment on every setting of ${kind} alone`, () => {
    const known = new Map<string, Coverage>();
    // A setting is written once for all kinds and read once for all passes. What is read alike is assessed once.
    for (const { entity, yaml } of everyYaml) {
      const policy = mustParse(`name: p\nversion: 1\npasses: []\nentities:\n  ${kind}:\n${yaml}`);
      for (const { passes, asRead } of passLists) {
        const content = JSON.stringify([asRead, [...policy.entities]]);
        const coverage = known.get(content) ?? coverageOf({ ...policy, passes: asRead });
        known.set(content, coverage);
        assertAgrees(coverage, { passes, entities: [[kind, entity]] });
      }
    }
  });
}

function assertAgrees(coverage: Coverage, policy: NaivePolicy): void {
  assert.deepEqual(coverage, naiveCoverage(policy), JSON.stringify(policy));
}

const anyPolicy: fc.Arbitrary<NaivePolicy> = fc.record({
  passes: fc.oneof({ weight: 3, arbitrary: fc.constant(PASSES.slice(0, 3)) }, fc.shuffledSubarray(PASSES)),
  entities: fc.uniqueArray(
    fc.tuple(
      fc.constantFrom(...KINDS, ...KINDS, ...Object.keys(NAIVE_ALIASES), 'ZODIAC', '__proto__', '10'),
      fc.constantFrom(...everyEntity),
    ),
    { maxLength: 24, selector: ([key]) => key },
  ),
});

test('coverage agrees with the naive assessment on policies of many kinds and aliases', () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      assertAgrees(coverageOf(read(policy)), policy);
    }),
    { numRuns: 2000 },
  );
});

test('coverage agrees with the naive assessment on the policy files', () => {
  for (const file of ['healthcare-default@1', 'billing-strict@3']) {
    const { passes, entities } = mustParse(policyFile(file));
    const policy: NaivePolicy = {
      passes,
      entities: [...entities].map(([key, { confidenceThreshold, ...rest }]) => [
        key,
        { ...rest, confidence_threshold: confidenceThreshold },
      ]),
    };
    assertAgrees(coverageOf(read(policy)), policy);
  }
});
