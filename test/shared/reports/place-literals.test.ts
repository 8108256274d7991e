import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AlignWork } from '../../../shared/reports/align-work.ts';
import { type Places, placeLiterals } from '../../../shared/reports/place-literals.ts';

/** All readings, one by one. */
function* readingsOf(text: string, literals: readonly string[], from = 0): Generator<number[]> {
  const [literal = '', ...rest] = literals;
  for (let at = from; at + literal.length <= text.length; at += 1) {
    // The first literal stands at the start.
    if (from === 0 && at > 0) return;
    if (!text.startsWith(literal, at)) continue;
    if (rest.length === 0) {
      if (at + literal.length === text.length) yield [at];
    } else {
      for (const places of readingsOf(text, rest, at + literal.length + 1)) yield [at, ...places];
    }
  }
}

function placeNaively(text: string, literals: readonly string[]): Places | null {
  const readings = [...readingsOf(text, literals)];
  if (readings.length === 0) return null;
  const places = (choose: (...of: number[]) => number) =>
    literals.map((_, index) => choose(...readings.map((reading) => reading[index] as number)));
  return { leftmost: places(Math.min), rightmost: places(Math.max) };
}

test('places literals where the first and the last of all readings have them', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 14 });
  const literal = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
  const literals = fc
    .tuple(
      fc.constantFrom('', 'a', 'ab'),
      fc.array(literal, { maxLength: 3 }),
      fc.constantFrom('', 'b', 'ba'),
    )
    .map(([first, inner, last]) => [first, ...inner, last]);
  fc.assert(
    fc.property(text, literals, (whole, parts) => {
      assert.deepEqual(placeLiterals(whole, parts, new AlignWork()), placeNaively(whole, parts));
    }),
    { numRuns: 3000 },
  );
});

test('keeps one code unit between two literals, for a token', () => {
  assert.equal(placeLiterals('ab', ['a', 'b'], new AlignWork()), null);
  assert.deepEqual(placeLiterals('a-b', ['a', 'b'], new AlignWork()), {
    leftmost: [0, 2],
    rightmost: [0, 2],
  });
});
