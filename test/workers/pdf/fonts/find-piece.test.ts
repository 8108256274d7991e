import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPiece } from '../../../../workers/pdf/fonts/find-piece.ts';

const packageOf = (cluster: string) => findPiece(cluster, 'sans')?.packageName;

test('Han characters take the simplified Chinese font, then the traditional, Japanese and Korean ones', () => {
  assert.equal(packageOf('张'), 'noto-sans-sc');
  assert.equal(packageOf('渡'), 'noto-sans-sc');
  assert.equal(packageOf('さ'), 'noto-sans-sc');
  assert.equal(packageOf('屘'), 'noto-sans-tc');
  assert.equal(packageOf('辻'), 'noto-sans-sc');
  assert.equal(packageOf('김'), 'noto-sans-kr');
});

test('a letter and its marks take one font, or none', () => {
  assert.equal(packageOf('а\u0301'), 'noto-sans');
  assert.equal(packageOf('g\u0303'), undefined);
  assert.equal(packageOf('a\u0e48'), undefined);
});

test('a character that a package claims and no font of it draws has no piece', () => {
  // U+0378 is not assigned, and within the range of Greek.
  assert.equal(findPiece('\u0378', 'sans'), null);
  assert.equal(findPiece('\u{1f600}', 'sans'), null);
});

test('the fonts for digests have Latin letters, and leave other scripts to the others', () => {
  assert.equal(findPiece('a', 'mono')?.packageName, 'noto-sans-mono');
  assert.equal(findPiece('张', 'mono'), null);
});
