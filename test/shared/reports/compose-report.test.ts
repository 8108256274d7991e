import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import type { ReportFacts } from '../../../shared/reports/report-facts.ts';
import { factsOf, HASH_HEX, LOGGING_POLICY, payloadsOf } from '../../support/report-facts.ts';

function problemOf(facts: ReportFacts): string {
  const composed = composeReport(facts);
  assert.equal(composed.ok, false);
  return composed.ok ? '' : composed.problem;
}

const withPolicyText = (text: string): ReportFacts => {
  const facts = factsOf();
  const sha256Hex = hash('sha256', text);
  return {
    ...facts,
    policy: { ...facts.policy, text, sha256Hex },
    session: { ...facts.session, policySha256Hex: sha256Hex },
  };
};

test('gives the digest of the bytes to send', () => {
  const composed = composeReport(factsOf());
  assert.ok(composed.ok);
  assert.equal(composed.sha256Hex, hash('sha256', Buffer.from(composed.json, 'utf8')));
});

test('refuses a stored policy that cannot be read, naming the place', () => {
  const facts = withPolicyText(
    'name: p\nversion: 1\npasses: []\nentities: {SSN: {enabled: no, action: redact}}',
  );
  assert.equal(
    problemOf(facts),
    'The stored policy cannot be read. entities.SSN.enabled: must be true or false',
  );
});

test('refuses a policy text that was changed after it was hashed', () => {
  const facts = factsOf();
  const text = facts.policy.text.replace('enabled: true', 'enabled: false');
  assert.match(problemOf({ ...facts, policy: { ...facts.policy, text } }), /SHA-256/);
});

test('refuses a policy other than the one the session records', () => {
  assert.match(problemOf(factsOf({ session: { policySha256Hex: HASH_HEX } })), /SHA-256/);
});

test('refuses a policy whose text has another name or version', () => {
  assert.match(problemOf(factsOf({ session: { policyName: 'lenient' } })), /name or version/);
  assert.match(problemOf(factsOf({ session: { policyVersion: 2 } })), /name or version/);
});

test('refuses a leak by its place and shape', () => {
  const { agent } = factsOf();
  assert.equal(
    problemOf(factsOf({ agent: { ...agent, name: 'call 212-555-0147' } })),
    'The report would carry what may be PHI: agent.name (phone number)',
  );
});

test("refuses the session's own originals outside their place", () => {
  const { agent } = factsOf();
  const facts = factsOf({
    policyText: LOGGING_POLICY,
    payloads: payloadsOf('Maria Alvarez'),
    agent: { ...agent, name: 'Maria Alvarez desk' },
  });
  assert.match(problemOf(facts), /^[^:]*: agent\.name \(original text of the session\)$/);
});

test('refuses a masked text that still holds an original', () => {
  const facts = factsOf({
    policyText: LOGGING_POLICY,
    payloads: {
      request: ['I am Maria Alvarez', 'Maria Alvarez, to [NAME_9] and Bob'],
      masked: ['I am [NAME_1]', 'Maria Alvarez, to [NAME_9] and [NAME_2]'],
      response: null,
    },
  });
  assert.match(problemOf(facts), /sample_transcripts\.samples\[1\]\.text \(original text/);
});

test('names a few places of many and counts the rest', () => {
  const { verdict } = factsOf();
  const events = Array.from({ length: 9 }, (_, seq) => ({
    ...verdict.events[0]!,
    seq,
    entityKind: `1${seq}3-45-6789`,
  }));
  assert.match(
    problemOf(factsOf({ verdict: { events } })),
    /events_listed\[4\]\.entity_kind \(SSN\) and 4 more$/,
  );
});
