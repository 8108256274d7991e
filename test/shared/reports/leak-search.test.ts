import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PatternSearch } from '../../../shared/reports/leak-search.ts';

test('finds each pattern at each place, as a search for one after the other does', () => {
  const letters = fc.constantFrom('a', 'b', 'c');
  const pattern = fc.string({ unit: letters, minLength: 1, maxLength: 4 });
  const text = fc.string({ unit: letters, maxLength: 30 });
  fc.assert(
    fc.property(fc.uniqueArray(pattern, { maxLength: 8 }), text, (patterns, whole) => {
      const found = [...new PatternSearch(patterns).find(whole)];
      const wanted = patterns.flatMap((each, index) =>
        Array.from(whole.matchAll(new RegExp(`(?=${each})`, 'g')), ({ index: begin }) => [index, begin]),
      );
      const places = found.map(({ pattern: index, begin, end }) => {
        assert.equal(whole.slice(begin, end), patterns[index]);
        return [index, begin];
      });
      assert.deepEqual(places.sort(), wanted.sort());
    }),
    { numRuns: 2000 },
  );
});

test('finds nothing without a pattern, and no empty one', () => {
  assert.deepEqual([...new PatternSearch([]).find('abc')], []);
  assert.deepEqual([...new PatternSearch(['']).find('abc')], []);
});
