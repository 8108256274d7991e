import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffTexts } from '../../../api/console/pages/policies/diff-texts.ts';

test('each line is added, removed or the same, with its number in either text', () => {
  const { lines, added, removed, isWhole } = diffTexts('a\nb\nc\n', 'a\nB\nc\nd');
  assert.deepEqual(lines, [
    { change: 'same', before: 1, after: 1, text: 'a' },
    { change: 'removed', before: 2, after: null, text: 'b' },
    { change: 'added', before: null, after: 2, text: 'B' },
    { change: 'same', before: 3, after: 3, text: 'c' },
    { change: 'added', before: null, after: 4, text: 'd' },
  ]);
  assert.deepEqual([added, removed, isWhole], [2, 1, true]);
});

test('the lines of each text, in order, are that text again', () => {
  for (const [from, to] of [
    ['', 'a\n'],
    ['a\n\n\nb', 'a\n\nb\n'],
    ['x\r\ny\r\n', 'x\ny\n'],
    ['same', 'same'],
    ['a\n', ''],
  ] as const) {
    const { lines } = diffTexts(from, to);
    const of = (side: 'before' | 'after') =>
      lines.filter((line) => line[side] !== null).map(({ text }) => text);
    assert.deepEqual(of('before'), from.replace(/\n$/, '') === '' ? [] : from.replace(/\n$/, '').split('\n'));
    assert.deepEqual(of('after'), to.replace(/\n$/, '') === '' ? [] : to.replace(/\n$/, '').split('\n'));
  }
});

test('long texts with nothing in common are listed one after the other, up to a bound', () => {
  const text = (letter: string) => `${letter}\n`.repeat(130_000);
  const diff = diffTexts(text('a'), text('b'));
  assert.equal(diff.isUnrelated, true);
  assert.deepEqual(
    [diff.added, diff.removed, diff.isWhole, diff.lines.length],
    [130_000, 130_000, false, 5_000],
  );
});
