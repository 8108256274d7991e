import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { assessCoverage, type Coverage, isCoverageReason } from '../../../shared/policy/assess-coverage.ts';
import { POLICY_ACTIONS, type Policy, type PolicyEntity } from '../../../shared/policy/policy.ts';
import { COVERAGE_STATUSES, foldKind, SAFE_HARBOR } from '../../../shared/policy/safe-harbor-catalogue.ts';
import { mustParse, policyFile, policyOf } from '../../support/policies.ts';

const statuses = (policy: Policy) =>
  Object.fromEntries(assessCoverage(policy).identifiers.map(({ key, status }) => [key[0], status]));
const letters = (policy: Policy, wanted: string) =>
  Object.entries(statuses(policy))
    .filter(([, status]) => status === wanted)
    .map(([letter]) => letter)
    .join('');
const one = (policy: Policy, letter: string) => {
  const found = assessCoverage(policy).identifiers.find(({ key }) => key.startsWith(letter));
  assert.ok(found);
  return found;
};

const DOCUMENTED = policyFile('healthcare-default@1')
  .replace('SSN: {enabled: true, regex: true', 'SSN: {enabled: true, regex: true, ner: false')
  .replace('EMAIL: {enabled: true, regex: true', 'EMAIL: {enabled: true, regex: true, ner: false');

test('gives the documented default policy 9 full, 3 partial, 6 none', () => {
  const policy = mustParse(DOCUMENTED);
  assert.equal(policy.entities.get('SSN')?.ner, false);
  assert.equal(letters(policy, 'full'), 'ABDEFGHJO');
  assert.equal(letters(policy, 'partial'), 'CIK');
  assert.equal(letters(policy, 'none'), 'LMNPQR');
});

test('gives the default policy file 9 full, 3 partial, 6 none', () => {
  const policy = mustParse(policyFile('healthcare-default@1'));
  assert.equal(letters(policy, 'full'), 'ABDEFGHJO');
  assert.equal(letters(policy, 'partial'), 'CIK');
});

test('gives the strict billing policy only what regex finds of accounts and SSNs', () => {
  const policy = mustParse(policyFile('billing-strict@3'));
  assert.equal(letters(policy, 'full'), 'GJ');
  assert.equal(letters(policy, 'partial'), 'IK');
  assert.deepEqual(assessCoverage(policy).passthroughKinds, ['NAME']);
});

test('counts a photograph as not applicable', () => {
  const photo = one(policyOf([['NAME', {}]]), 'Q');
  assert.deepEqual(
    [photo.applicable, photo.status, photo.reason],
    [false, 'none', 'not applicable to voice'],
  );
});

test('never scores voice prints, whatever the policy says', () => {
  assert.equal(one(policyOf([['BIOMETRIC', {}]]), 'P').status, 'none');
});

test('gives an identifier full only where every facet is full', () => {
  const dates = (...kinds: string[]) => one(policyOf(kinds.map((kind) => [kind, {}])), 'C').status;
  assert.equal(dates('DATE', 'AGE'), 'full');
  assert.equal(dates('DATE'), 'partial');
  assert.equal(dates('DOB', 'AGE'), 'partial');
  assert.equal(dates('PHONE'), 'none');
});

// Expected: regex only, NER only, both, written out from the rules and not read from the catalogue.
const GRADES: ReadonlyArray<readonly [string, string, string]> = [
  ['NAME', 'A', 'none full full'],
  ['ADDRESS', 'B', 'partial partial full'],
  ['PHONE', 'D', 'partial partial full'],
  ['FAX', 'E', 'partial partial full'],
  ['EMAIL', 'F', 'full partial full'],
  ['SSN', 'G', 'full partial full'],
  ['MRN', 'H', 'full partial full'],
  ['HEALTH_PLAN', 'I', 'partial partial full'],
  ['ACCOUNT', 'J', 'full partial full'],
  ['ACCOUNT', 'I', 'partial partial partial'],
  ['LICENSE', 'K', 'partial partial full'],
  ['VEHICLE', 'L', 'partial partial partial'],
  ['DEVICE', 'M', 'partial partial partial'],
  ['URL', 'N', 'partial partial partial'],
  ['IP_ADDRESS', 'O', 'full none full'],
  ['BIOMETRIC', 'P', 'none none none'],
  ['OTHER_ID', 'R', 'partial partial partial'],
];

for (const [kind, letter, expected] of GRADES) {
  test(`grades ${kind} by its detectors for ${letter}`, () => {
    const graded = [{ ner: false }, { regex: false }, {}].map(
      (entity) => one(policyOf([[kind, entity]]), letter).status,
    );
    assert.equal(graded.join(' '), expected);
  });
}

test('turns a detector off with its pass', () => {
  const graded = [['regex'], ['gemma'], ['regex', 'gemma'], ['diarize'], ['whisper'], []].map(
    (passes) => one(policyOf([['PHONE', {}]], passes), 'D').status,
  );
  assert.deepEqual(graded, ['partial', 'partial', 'full', 'none', 'none', 'none']);
});

test('holds a grade that rests on NER at partial above its threshold', () => {
  const graded = (kind: string, letter: string, confidenceThreshold: number) =>
    one(policyOf([[kind, { confidenceThreshold }]]), letter).status;
  assert.deepEqual(
    [0.8, 0.81, 1].map((at) => graded('ADDRESS', 'B', at)),
    ['full', 'partial', 'partial'],
  );
  assert.deepEqual(
    [0.9, 0.91, 1].map((at) => graded('NAME', 'A', at)),
    ['full', 'partial', 'none'],
  );
  assert.deepEqual(
    [0.8, 0.95, 1].map((at) => graded('EMAIL', 'F', at)),
    ['full', 'full', 'full'],
  );
});

test('scores nothing for NER alone at a threshold of 1', () => {
  const alone = one(policyOf([['EMAIL', { regex: false, confidenceThreshold: 1 }]]), 'F');
  assert.deepEqual([alone.status, alone.kinds], ['none', []]);
});

test('takes the weakest of keys that fold together', () => {
  const policy = policyOf([
    ['ACCOUNT', {}],
    ['CREDIT_CARD', { regex: false }],
  ]);
  assert.equal(one(policy, 'J').status, 'partial');
  assert.equal(
    one(
      policyOf([
        ['ACCOUNT', {}],
        ['CREDIT_CARD', { enabled: false }],
      ]),
      'J',
    ).status,
    'none',
  );
});

test("lists the policy's kinds that the catalogue does not know", () => {
  const policy = policyOf([
    ['ZODIAC', {}],
    ['__proto__', {}],
    ['SSN', {}],
  ]);
  assert.deepEqual(assessCoverage(policy).unmappedKinds, ['ZODIAC', '__proto__']);
});

test('lists the kinds that count for an identifier', () => {
  const policy = policyOf([
    ['HEALTH_PLAN', {}],
    ['account_number', {}],
  ]);
  assert.deepEqual(one(policy, 'I').kinds, ['ACCOUNT', 'HEALTH_PLAN']);
  assert.equal(one(policy, 'I').status, 'full');
});

test("accepts only the catalogue's own words as a reason", () => {
  for (const text of ['', 'Maria is disabled', 'NAME is Maria', 'NAME is disabled; 123-45-6789']) {
    assert.equal(isCoverageReason(text), false);
  }
});

const knownKeys = [...SAFE_HARBOR.kinds.map((row) => row.kind), ...Object.keys(SAFE_HARBOR.aliases)];
const anyEntity: fc.Arbitrary<PolicyEntity> = fc.record({
  enabled: fc.boolean(),
  action: fc.constantFrom(...POLICY_ACTIONS),
  regex: fc.boolean(),
  ner: fc.boolean(),
  confidenceThreshold: fc.constantFrom(0, 0.6, 0.8, 0.85, 0.9, 0.95, 1),
});
const anyKey = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...knownKeys) },
  { weight: 2, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '10') },
  fc.string({ unit: 'binary', maxLength: 12 }).filter((key) => key.isWellFormed() && key !== '<<'),
);
const anyPolicy = fc
  .record({
    entities: fc.uniqueArray(fc.tuple(anyKey, anyEntity), { maxLength: 20, selector: ([key]) => key }),
    passes: fc.subarray(['regex', 'gemma', 'diarize', 'whisper']),
  })
  .map(({ entities, passes }) => policyOf(entities, passes));

const ranks = (coverage: Coverage) =>
  coverage.identifiers.map(({ status }) => COVERAGE_STATUSES.indexOf(status));
const withEntities = (policy: Policy, entities: Iterable<readonly [string, PolicyEntity]>): Policy => ({
  ...policy,
  entities: new Map(entities),
});

function neverRaises(before: Policy, after: Policy): void {
  const [was, is] = [ranks(assessCoverage(before)), ranks(assessCoverage(after))];
  for (const [index, rank] of is.entries()) assert.ok(rank <= was[index]!);
}

function eachKeyChanged(policy: Policy, change: Partial<PolicyEntity>): void {
  for (const [key, entity] of policy.entities) {
    neverRaises(policy, withEntities(policy, [...policy.entities, [key, { ...entity, ...change }]]));
  }
}

test('never raises a status when a kind is disabled', () => {
  fc.assert(fc.property(anyPolicy, (policy) => eachKeyChanged(policy, { enabled: false })));
});

test('never raises a status when a kind is passed through', () => {
  fc.assert(fc.property(anyPolicy, (policy) => eachKeyChanged(policy, { action: 'passthrough' })));
});

test('never raises a status when a detector is turned off', () => {
  fc.assert(fc.property(anyPolicy, (policy) => eachKeyChanged(policy, { regex: false })));
  fc.assert(fc.property(anyPolicy, (policy) => eachKeyChanged(policy, { ner: false })));
});

test('never raises a status when a pass is dropped', () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      for (const pass of policy.passes) {
        neverRaises(policy, { ...policy, passes: policy.passes.filter((other) => other !== pass) });
      }
    }),
  );
});

test('never raises a status when a threshold rises', () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      for (const [key, entity] of policy.entities) {
        for (const confidenceThreshold of [0.85, 0.95, 1].filter((at) => at > entity.confidenceThreshold)) {
          neverRaises(
            policy,
            withEntities(policy, [...policy.entities, [key, { ...entity, confidenceThreshold }]]),
          );
        }
      }
    }),
  );
});

test('gives the same coverage in any order of the keys', () => {
  fc.assert(
    fc.property(anyPolicy, fc.infiniteStream(fc.nat()), (policy, keys) => {
      const shuffled = [...policy.entities]
        .map((entry) => [keys.next().value as number, entry] as const)
        .sort(([a], [b]) => a - b)
        .map(([, entry]) => entry);
      assert.deepEqual(assessCoverage(withEntities(policy, shuffled)), assessCoverage(policy));
    }),
  );
});

test('gives the same coverage in any style of YAML', () => {
  const styles = [
    {},
    { flowLevel: 0 },
    { indent: 5, quoteStyle: 'double', forceQuotes: true },
    { sortKeys: true },
  ] as const;
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      const entities = Object.fromEntries(
        [...policy.entities].map(([key, { confidenceThreshold, ...rest }]) => [
          key,
          { ...rest, confidence_threshold: confidenceThreshold },
        ]),
      );
      const { name, version, passes } = policy;
      for (const style of styles) {
        const text = dump({ name, version, passes, entities, audit: { log_payloads: true } }, style);
        assert.deepEqual(assessCoverage(mustParse(text)), assessCoverage(policy));
      }
    }),
  );
});

test('gives the same coverage with and without unmapped kinds', () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      const known = withEntities(
        policy,
        [...policy.entities].filter(([key]) => foldKind(key) !== null),
      );
      assert.deepEqual(assessCoverage(known).identifiers, assessCoverage(policy).identifiers);
    }),
  );
});

test("gives every identifier a reason in the catalogue's own words", () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      for (const { reason } of assessCoverage(policy).identifiers) assert.ok(isCoverageReason(reason));
    }),
  );
});
