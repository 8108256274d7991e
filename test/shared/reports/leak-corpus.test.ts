// The leak scan against a corpus of disguises and of honest texts, each in a masked transcript of a whole report.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { factsOf, LOGGING_POLICY } from '../../support/report-facts.ts';

type Disguise = Readonly<{
  trick: string;
  /** The original that the session's masking replaced elsewhere; absent for a shape. */
  original?: string;
  text: string;
  expected: 'found' | 'missed';
}>;

type HonestText = Readonly<{ what: string; text: string; originals?: readonly string[]; expected: 'clean' }>;

const DISGUISES = read<Disguise>('disguises');
const HONEST_TEXTS = read<HonestText>('honest');

function read<T>(name: string): T[] {
  const file = new URL(`../../data/leak-corpus/${name}.ndjson`, import.meta.url);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

/** Whether a report leaves out the masked text, in a session whose masking replaced the originals. */
function isLeftOut(text: string, originals: readonly string[]): boolean {
  const messages = (last: string, slot: (index: number) => string) => [
    ...originals.map((_, index) => `I am ${slot(index)}.`),
    `${text} | ${last}`,
  ];
  const payloads = {
    request: messages('Quillfeather', (index) => originals[index] as string),
    masked: messages('[NAME_99]', (index) => `[NAME_${index}]`),
    response: null,
  };
  const composed = composeReport(factsOf({ policyText: LOGGING_POLICY, payloads }));
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  const { samples, left_out, texts_total } = composed.report.sample_transcripts;
  assert.deepEqual([texts_total, samples.length + left_out.may_leak], [originals.length + 1, texts_total]);
  return left_out.may_leak > 0;
}

test('the corpus has 327 disguises and 200 honest texts, no two alike', () => {
  assert.deepEqual([DISGUISES.length, HONEST_TEXTS.length], [327, 200]);
  const alike = [...DISGUISES, ...HONEST_TEXTS].map((entry) =>
    JSON.stringify({ ...entry, trick: '', what: '' }),
  );
  assert.equal(new Set(alike).size, 527);
});

test('the leak scan misses at most 40 of 327 disguises, and none that it is expected to find', (t) => {
  const missed = DISGUISES.filter(
    ({ text, original }) => !isLeftOut(text, original === undefined ? [] : [original]),
  );
  t.diagnostic(
    `misses: ${missed.length} of ${DISGUISES.length}: ${missed.map(({ trick }) => trick).join('; ')}`,
  );
  assert.deepEqual(
    missed.filter(({ expected }) => expected === 'found').map(({ trick }) => trick),
    [],
  );
  assert.ok(missed.length <= 40);
});

test('the leak scan refuses none of 200 honest texts', (t) => {
  const refused = HONEST_TEXTS.filter(({ text, originals = [] }) => isLeftOut(text, originals));
  t.diagnostic(`false refusals: ${refused.length} of ${HONEST_TEXTS.length}`);
  assert.deepEqual(
    refused.map(({ what }) => what),
    [],
  );
});
