// The steps of an alignment, counted: they grow with the length of the payloads, whatever they hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlignWork } from '../../../shared/reports/align-work.ts';
import { alignTranscripts } from '../../../shared/reports/transcripts.ts';

const words = (count: number, word: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => word(i));
const table = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, 1]));

/** Payloads that took quadratic time, or that would by some other way of aligning; `n` makes them longer. */
const HOSTILE: Readonly<Record<string, (n: number) => readonly [request: unknown, masked: unknown]>> = {
  'distinct words with one separator': (n) => [
    words(4 * n, (i) => `w${i}`).join(' '),
    words(n, (i) => `[A_${i}]`).join(' '),
  ],
  'one word and one separator': (n) => ['a b '.repeat(7 * n), '[A_1] b '.repeat(3 * n)],
  'a literal that nearly matches everywhere': (n) => [
    `${'a'.repeat(20 * n)}ca`,
    `[A_1]b${'a'.repeat(10 * n)}[A_2]a`,
  ],
  'a long literal in a text that repeats it': (n) => ['ab'.repeat(14 * n), `[A_1]${'ab'.repeat(7 * n)}[A_2]`],
  'no literal at all': (n) => ['a'.repeat(28 * n), '[A_1]'],
  'many short texts': (n) => [
    words(n / 2, (i) => `Ann${i} ${'a '.repeat(16)}`),
    words(n / 2, () => '[A_1] a [A_2] a [A_3] a [A_4] '),
  ],
  'many keys replaced by others': (n) => [
    table(words(n, (i) => `key a${i}`)),
    table(words(n, (i) => `key [A_${i}]`)),
  ],
};

const unitsOf = (payloads: readonly unknown[]) => JSON.stringify(payloads).length;

for (const [name, payloadsOf] of Object.entries(HOSTILE)) {
  test(`aligns ${name} in steps that grow with the length alone`, () => {
    // About 220 KB at the larger size, which took 23 s.
    for (const n of [1000, 8000]) {
      const [request, masked] = payloadsOf(n);
      const work = new AlignWork();
      const { originals } = alignTranscripts(request, masked, work);
      const units = unitsOf([request, masked]);
      assert.ok(work.steps <= 2 ** 21 + 24 * units, `${work.steps} steps for ${units} code units`);
      const copied = originals.reduce((sum, original) => sum + original.length, 0);
      assert.ok(copied <= 2 ** 17 + 2 * units, `${copied} code units of originals`);
    }
  });
}

test('counts what it does not align to the end, and aligns the rest', () => {
  const [request, masked] = HOSTILE['distinct words with one separator']!(8000);
  const { aligned, originals, overBound, maskedTexts } = alignTranscripts(
    ['I am Ann Lee', request],
    ['I am [NAME_1]', masked],
  );
  assert.deepEqual([aligned, overBound, maskedTexts.length], [false, 1, 1]);
  assert.ok(originals.includes('Ann Lee'));
});

test('counts nothing where several readings fit into the steps', () => {
  assert.equal(alignTranscripts('Maria Alvarez 77 88', '[NAME_1] [ACCOUNT_1]').overBound, 0);
});

test('stops soon after the flag is set, in the middle of a text', () => {
  const [request, masked] = HOSTILE['one word and one separator']!(80_000);
  let looks = 0;
  const work = new AlignWork(() => {
    looks += 1;
    return looks === 3;
  });
  assert.throws(() => alignTranscripts(request, masked, work), /stopped/);
  const whole = new AlignWork();
  alignTranscripts(request, masked, whole);
  assert.ok(work.steps < whole.steps / 2, `${work.steps} of ${whole.steps}`);
});
