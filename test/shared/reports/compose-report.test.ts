import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import type { ReportFacts } from '../../../shared/reports/report-facts.ts';
import { factsOf, HASH_HEX, LOGGING_POLICY, listedEvent, payloadsOf } from '../../support/report-facts.ts';

function problemOf(facts: ReportFacts): string {
  const composed = composeReport(facts);
  assert.equal(composed.ok, false);
  return composed.ok ? '' : composed.problem;
}

function samplesOf(payloads: ReportFacts['payloads']) {
  const composed = composeReport(factsOf({ policyText: LOGGING_POLICY, payloads }));
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  return composed.report.sample_transcripts;
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
    'The stored policy cannot be read. entities.SSN.enabled (line 4, column 18): must be true or false',
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
  const events = [listedEvent(0, { entityKind: 'call 212-555-0147' })];
  assert.equal(
    problemOf(factsOf({ verdict: { events } })),
    'The report would carry what may be PHI: events_listed[0].entity_kind (phone number)',
  );
});

test("refuses the session's own originals outside their place", () => {
  const facts = factsOf({
    policyText: LOGGING_POLICY,
    payloads: payloadsOf('Maria Alvarez'),
    verdict: { events: [listedEvent(0, { entityKind: 'MARIA ALVAREZ desk' })] },
  });
  assert.match(problemOf(facts), /^[^:]*: events_listed\[0\]\.entity_kind \(original text of the session\)$/);
});

test("reports on a session whose masked words also stand in the operator's own", () => {
  const { agent, account } = factsOf();
  const facts = factsOf({
    policyText: LOGGING_POLICY.replace(
      'entities:',
      '# As agreed with Maria Alvarez, 415-555-2671.\nentities:',
    ),
    payloads: payloadsOf('Maria Alvarez', 'gpt-4o-mini', 'Mary'),
    agent: { ...agent, name: 'Maria Alvarez desk 415-555-2671' },
    account: { ...account, name: "St. Mary's Clinic" },
    session: { upstreamModel: 'gpt-4o-mini@models.example.com' },
  });
  assert.ok(composeReport(facts).ok);
});

test('leaves out a masked text that still holds an original or a shape, counts it, and issues the rest', () => {
  const { samples, left_out, texts_total } = samplesOf({
    request: ['I am Maria Alvarez', 'Maria Alvarez, to [NAME_9] and Bob', 'Bob, 212-555-0147', 'To Bob'],
    masked: [
      'I am [NAME_1]',
      'Maria Alvarez, to [NAME_9] and [NAME_2]',
      '[NAME_2], 212-555-0147',
      'To [NAME_2]',
    ],
    response: null,
  });
  assert.deepEqual(
    samples.map(({ path }) => path),
    ['/0', '/3'],
  );
  assert.deepEqual([left_out, texts_total], [{ may_leak: 2, over_bound: 0 }, 4]);
});

test('leaves out a masked text whose path holds an original', () => {
  const { samples, left_out } = samplesOf({
    request: { 'Maria Alvarez': 'To Bob', note: 'I am Maria Alvarez' },
    masked: { 'Maria Alvarez': 'To [NAME_2]', note: 'I am [NAME_1]' },
    response: null,
  });
  assert.deepEqual([samples.map(({ path }) => path), left_out.may_leak], [['/note'], 1]);
});

test('leaves out a masked text that is shown only as far as the middle of an original', () => {
  const long = `${'word '.repeat(398)}Maria Alvarez`;
  const { samples, left_out } = samplesOf({
    request: ['I am Maria Alvarez', `Bob ${long}`],
    masked: ['I am [NAME_1]', `[NAME_2] ${long}`],
    response: null,
  });
  assert.deepEqual([samples.length, left_out.may_leak], [1, 1]);
});

test('leaves out a masked text whose shown part makes a number of a longer one, or a name of a longer word', () => {
  for (const [tail, shown] of [
    ['41555526710000000000', 10],
    ['Annals of it', 4],
  ] as const) {
    const head = `${`[NAME_1] ${'word '.repeat(400)}`.slice(0, 1999 - shown)} `;
    const { samples, left_out } = samplesOf({
      request: ['I am Anna', `${head.replace('[NAME_1]', 'Anna')}${tail}`],
      masked: ['I am [NAME_1]', `${head}${tail}`],
      response: null,
    });
    assert.deepEqual([samples.length, left_out.may_leak], [1, 1], tail);
  }
});

test('looks for no more originals than its bound, and shows no text then', () => {
  const { samples, left_out } = samplesOf({
    request: ['I am Bob', '\ufdfa'.repeat(20_000)],
    masked: ['I am [NAME_1]', '[NAME_2]'],
    response: null,
  });
  assert.deepEqual([samples, left_out], [[], { may_leak: 0, over_bound: 1 }]);
});

test("takes the catalogue's other names for a kind for words of our own", () => {
  const events = ['MEMBER_ID', 'PATIENT_NAME', 'CARD'].map((entityKind, i) => listedEvent(i, { entityKind }));
  const payloads = payloadsOf('Member ID', 'Patient name', 'card');
  const composed = composeReport(factsOf({ policyText: LOGGING_POLICY, payloads, verdict: { events } }));
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
});

test('says why there is no sample where every masked text is left out', () => {
  const { statement, samples, left_out } = samplesOf({
    request: 'Maria Alvarez and Maria Alvarez',
    masked: '[NAME_1] and Maria Alvarez',
    response: null,
  });
  assert.deepEqual([samples, left_out.may_leak], [[], 1]);
  assert.match(statement, /^none: each masked text may hold an identifier/);
});

test('says how many texts were not aligned to the end', () => {
  const words = (word: (index: number) => string, count: number) =>
    Array.from({ length: count }, (_, i) => word(i));
  const { statement, samples, left_out } = samplesOf({
    request: ['I am Bob', words((i) => `w${i}`, 16_000).join(' ')],
    masked: ['I am [NAME_1]', words((i) => `[A_${i}]`, 4_000).join(' ')],
    response: null,
  });
  assert.deepEqual([samples, left_out], [[], { may_leak: 0, over_bound: 1 }]);
  assert.match(statement, /^none: .* more steps than the length of the payloads allows$/);
});

test('stops where nobody waits for the report any more', () => {
  const request = 'a b '.repeat(50_000);
  const payloads = { request, masked: `[A_1] ${request}`, response: null };
  assert.throws(() => composeReport(factsOf({ payloads }), () => true), /stopped/);
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
