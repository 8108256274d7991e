import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isShownName, readVisibleName } from '../../../shared/accounts/visible-name.ts';

test('a name is stored without space around it, and composed', () => {
  assert.equal(readVisibleName('  Ada Lovelace '), 'Ada Lovelace');
  assert.equal(readVisibleName('Jose\u0301'), 'José');
});

test('an empty, a long or an invisible name is none', () => {
  for (const bad of [
    '',
    ' ',
    'x'.repeat(101),
    'a\nb',
    '\u001b[31mAda',
    '\u202eAda',
    'A\u200bda',
    '\ud800',
    '\u3164',
    '\u0301',
  ]) {
    assert.equal(readVisibleName(bad), null, JSON.stringify(bad));
  }
});

test('a name that shows nothing, or not what it holds, is no shown name', () => {
  const unseen = [
    '',
    ' ',
    '\u00a0',
    '\u200b',
    '\u200d\u200c',
    '\u2060\ufeff',
    '\u3164',
    '\u115f\uffa0',
    '\u2800',
    '\u0301',
    '\u{e0041}',
  ];
  const misleading = ['a\u0000', 'a\nb', 'a\tb', '\u001b[31ma', 'a\u2028b', 'a\u2029b', '\ud800a'];
  const turned = ['\u202a', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '\u200f', '\u061c'].map(
    (mark) => `a${mark}b`,
  );
  for (const bad of [...unseen, ...misleading, ...turned])
    assert.equal(isShownName(bad), false, JSON.stringify(bad));
});

test('names of any script, with joiners between their letters, and symbols are shown names', () => {
  const persian = '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645';
  const sinhala = '\u0dc1\u0dca\u200d\u0dbb\u0dd3';
  for (const good of [
    ' Ada ',
    persian,
    sinhala,
    '\u5f20\u4f1f',
    '#7',
    '-',
    '\u{1f468}\u200d\u{1f469}',
    'Jose\u0301',
    'gpt-4o-mini',
  ]) {
    assert.equal(isShownName(good), true, JSON.stringify(good));
  }
});
