import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OriginalSearch } from '../../../shared/reports/leak-originals.ts';
import { leakFinderFor } from '../../../shared/reports/leak-scan.ts';
import type { ReportFacts } from '../../../shared/reports/report-facts.ts';
import { sampleTranscripts } from '../../../shared/reports/sample-transcripts.ts';
import { alignTranscripts } from '../../../shared/reports/transcripts.ts';
import { mustParse, policyFile } from '../../support/policies.ts';
import { LOGGING_POLICY, payloadsOf } from '../../support/report-facts.ts';

function samplesOf(payloads: ReportFacts['payloads'], policyText = LOGGING_POLICY, reloaded = false) {
  const transcripts = alignTranscripts(payloads?.request, payloads?.masked);
  const finder = leakFinderFor({ scope: 'session' } as never, new OriginalSearch(transcripts.originals));
  return sampleTranscripts(mustParse(policyText), reloaded, payloads, transcripts, finder);
}

test('shows masked texts, labelled', () => {
  assert.deepEqual(samplesOf(payloadsOf('Maria Alvarez')), {
    statement: 'not covered by the audit chain; undetected identifiers may remain',
    texts_total: 1,
    samples: [{ path: '/messages/0/content', text: 'This is [NAME_1].', truncated: false }],
    left_out: { may_leak: 0, over_bound: 0 },
  });
});

test('shows at most 20, the first ones', () => {
  const { samples, texts_total } = samplesOf(
    payloadsOf(...Array.from({ length: 30 }, (_, i) => `Person ${i}`)),
  );
  assert.deepEqual([samples.length, texts_total, samples[19]?.path], [20, 30, '/messages/19/content']);
});

test('cuts a long text between characters and says so', () => {
  const long = '😀'.repeat(3000);
  const [sample] = samplesOf({ request: `Ann ${long}`, masked: `[NAME_1] ${long}`, response: null }).samples;
  assert.deepEqual(
    [[...sample!.text].length, sample!.truncated, sample!.text.isWellFormed()],
    [2000, true, true],
  );
});

test('leaves out and counts a text that is too long to be searched, in what NFKC makes of it', () => {
  const leftOut = (text: string) =>
    samplesOf({ request: `Ann ${text}`, masked: `[NAME_1] ${text}`, response: null }).left_out.may_leak;
  // U+FDFA becomes eighteen characters.
  assert.equal(leftOut('\ufdfa'.repeat(20_000)), 1);
  assert.equal(leftOut('\ufdfa'.repeat(5_000)), 0);
  assert.equal(leftOut('word '.repeat(30_000)), 1);
  assert.equal(leftOut('word '.repeat(25_000)), 0);
});

test('stops before the next text when nobody waits for the report', () => {
  const texts = payloadsOf('Maria Alvarez', 'Bob Smith', 'Zoë Łukasz');
  const transcripts = alignTranscripts(texts?.request, texts?.masked);
  let looks = 0;
  const finder = leakFinderFor(
    { scope: 'session' } as never,
    new OriginalSearch(transcripts.originals),
    () => ++looks > 2,
  );
  assert.throws(
    () => sampleTranscripts(mustParse(LOGGING_POLICY), false, texts, transcripts, finder),
    /stopped/,
  );
  assert.equal(looks, 3);
});

const payloads = payloadsOf('Maria Alvarez');
const NONE: ReadonlyArray<readonly [string, ReturnType<typeof samplesOf>, RegExp]> = [
  [
    'the policy logs no payloads',
    samplesOf(null, policyFile('healthcare-default@1')),
    /does not log payloads.*gap/,
  ],
  ['none are stored', samplesOf(null), /none stored.*gap/],
  [
    'they are stored against the policy',
    samplesOf(payloads, policyFile('healthcare-default@1')),
    /although the policy/,
  ],
  ['a kind is passed through', samplesOf(payloads, policyFile('billing-strict@3')), /passes a kind through/],
  ['the policy was reloaded', samplesOf(payloads, LOGGING_POLICY, true), /reloaded/],
  [
    'a text does not align',
    samplesOf({ request: 'I am Ann', masked: 'You are [NAME_1]', response: null }),
    /not certain/,
  ],
  ['a payload is missing', samplesOf({ request: 'I am Ann', masked: null, response: null }), /not certain/],
  [
    'nothing was replaced',
    samplesOf({ request: 'Hello', masked: 'Hello', response: null }),
    /nothing was replaced/,
  ],
];

for (const [why, found, sentence] of NONE) {
  test(`shows none and says why where ${why}`, () => {
    assert.deepEqual(found.samples, []);
    assert.match(found.statement, sentence);
  });
}
