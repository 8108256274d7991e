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

type HonestText = Readonly<{
  what: string;
  text: string;
  originals?: readonly string[];
  expected: 'clean' | 'refused';
}>;

type Part = Readonly<{
  name: string;
  disguises: readonly Disguise[];
  honestTexts: readonly HonestText[];
  missesMax: number;
}>;

const SIZES = [
  [327, 200],
  [328, 213],
  [241, 191],
  [131, 119],
];

const PARTS: readonly Part[] = [
  part('first part', '', 40),
  // Made up by an adversary, most of them exotic; the scan was mended by what it showed.
  part('attack', 'attack-', 70),
  // Made up before the scan was mended, by someone who had not read it.
  part('fresh part', 'fresh-', 30),
  // Made up after the scan was mended: at the first try it missed 8.
  part('held-out part', 'held-out-', 10),
];

function part(name: string, prefix: string, missesMax: number): Part {
  return { name, disguises: read(`${prefix}disguises`), honestTexts: read(`${prefix}honest`), missesMax };
}

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

test('the corpus has 1022 disguises and 721 honest texts, no two alike in a part', () => {
  const sizes = PARTS.map(({ disguises, honestTexts }) => [disguises.length, honestTexts.length]);
  assert.deepEqual(sizes, SIZES);
  for (const { disguises, honestTexts } of PARTS) {
    const all = [...disguises, ...honestTexts];
    const alike = all.map((entry) => JSON.stringify({ ...entry, trick: '', what: '' }));
    assert.equal(new Set(alike).size, all.length);
  }
});

for (const { name, disguises, honestTexts, missesMax } of PARTS) {
  test(`the leak scan misses at most ${missesMax} disguises of the ${name}, and none that it is expected to find`, (t) => {
    const missed = disguises.filter(
      ({ text, original }) => !isLeftOut(text, original === undefined ? [] : [original]),
    );
    const tricks = missed.map(({ trick }) => trick).join('; ');
    t.diagnostic(`${name}: misses: ${missed.length} of ${disguises.length}: ${tricks}`);
    assert.deepEqual(
      missed.filter(({ expected }) => expected === 'found').map(({ trick }) => trick),
      [],
    );
    assert.ok(missed.length <= missesMax);
  });

  test(`the leak scan refuses no honest text of the ${name} but those that are known`, (t) => {
    const refused = honestTexts.filter(({ text, originals = [] }) => isLeftOut(text, originals));
    t.diagnostic(`${name}: false refusals: ${refused.length} of ${honestTexts.length}`);
    assert.deepEqual(
      refused.map(({ what }) => what),
      honestTexts.filter(({ expected }) => expected === 'refused').map(({ what }) => what),
    );
  });
}
