import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assessCoverage } from '../../../shared/policy/assess-coverage.ts';
import { NEAREST_KEYS, UNREAD_KEYS_LIMIT } from '../../../shared/policy/unread-keys.ts';
import { caseDir } from '../../support/cases.ts';
import { mustParse, policyFile } from '../../support/policies.ts';

const TYPO = readFileSync(join(caseDir('typo'), 'policies/strict@1.yaml'), 'utf8');

const unreadOf = (text: string) => mustParse(text).unreadKeys.map(({ place, nearest }) => [place, nearest]);
const entity = (members: string) =>
  unreadOf(`name: p\nversion: 1\npasses: [regex]\nentities: {NAME: {action: redact, ${members}}}`);

test('lists the misspelt keys of a policy, each with the known key that it resembles', () => {
  assert.deepEqual(unreadOf(TYPO), [
    ['entities.SSN.enable', 'enabled'],
    ['entities.ADDRESS.confidence_treshold', 'confidence_threshold'],
    ['entities.PHONE.95', null],
    ['audit.log_event', 'log_events'],
    ['audit.retention_day', 'retention_days'],
  ]);
});

test('coverage lists the unread keys of its policy, and changes no status for them', () => {
  const policy = mustParse(TYPO);
  const coverage = assessCoverage(policy);
  assert.deepEqual(coverage.unreadKeys, policy.unreadKeys);
  const { identifiers } = assessCoverage({ ...policy, unreadKeys: [] });
  assert.deepEqual(coverage.identifiers, identifiers);
});

test('lists no key of a policy whose keys are all known', () => {
  assert.deepEqual(unreadOf(policyFile('healthcare-default@1')), []);
  assert.deepEqual(unreadOf(policyFile('billing-strict@3')), []);
});

for (const [written, nearest] of [
  ['Enabled', 'enabled'],
  ['enbaled', 'enabled'],
  ['confidenceThreshold', 'confidence_threshold'],
  ['threshold', 'confidence_threshold'],
  ['actoin', 'action'],
] as const) {
  test(`finds that ${written} resembles ${nearest}`, () => {
    assert.deepEqual(entity(`${written}: 1`), [[`entities.NAME.${written}`, nearest]]);
  });
}

test('names the place of a known key that stands in the wrong mapping', () => {
  const head = 'name: p\nversion: 1\npasses: [regex]\nentities: {}\n';
  assert.deepEqual(unreadOf(`${head}retention_days: 3\nenabled: false`), [
    ['retention_days', 'audit.retention_days'],
    ['enabled', 'entities.*.enabled'],
  ]);
});

test('lists a pass that resembles a known one, and none of another name', () => {
  const text = 'name: p\nversion: 1\npasses: [regx, whisper, gemma]\nentities: {}';
  assert.deepEqual(unreadOf(text), [['passes.regx', 'regex']]);
});

test('spells out no key that resembles none, since it can be any text', () => {
  assert.deepEqual(entity('Jane Doe: 1'), [['entities.NAME.(key 2)', null]]);
  assert.deepEqual(entity('"en\\nabled": 1'), [['entities.NAME.(key 2)', null]]);
  const text = 'name: p\nversion: 1\npasses: []\nentities: {Jane Doe: {action: redact, enable: true}}';
  assert.deepEqual(unreadOf(text), [['entities.(entry 1).enable', 'enabled']]);
});

test('lists a bounded number of keys, each near a known one at most', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `enabled${i}: 1`).join(', ');
  const unread = entity(`${many}, ${'x'.repeat(10_000)}: 1`);
  assert.equal(unread.length, UNREAD_KEYS_LIMIT);
  assert.ok(unread.every(([, nearest]) => nearest == null || NEAREST_KEYS.has(nearest)));
});
