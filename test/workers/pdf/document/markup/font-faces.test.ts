import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fontFaces } from '../../../../../workers/pdf/document/markup/font-faces.ts';

/** The families and weights of a document with this text, in the order of its rules. */
function facesOf(text: string): string[] {
  const css = fontFaces(text).toString();
  assert.equal(css.split('src: url(data:font/woff2;base64,').length, css.split('@font-face').length);
  return [...css.matchAll(/font-family: (\w+); font-weight: (\d+)/g)].map(
    ([, family, weight]) => `${family} ${weight}`,
  );
}

const LATIN = ['sans 400', 'mono 400', 'sans 700'];

test('a document in English carries three pieces of fonts, of less than 60 KB', () => {
  assert.deepEqual(facesOf('<p>Front desk</p>'), LATIN);
  assert.ok(fontFaces('<p>Front desk</p>').toString().length < 60_000);
});

test('a document carries one more piece for each further script, and none for the same again', () => {
  assert.deepEqual(facesOf('דוד'), ['sans 400', ...LATIN]);
  assert.deepEqual(facesOf('דוד כהן'), ['sans 400', ...LATIN]);
  assert.deepEqual(facesOf('Київ'), ['sans 400', 'sans 400', 'mono 400', 'mono 400', 'sans 700']);
});

test('a document carries nothing for a character that no font has', () => {
  assert.deepEqual(facesOf('\u{1f600}\ue000\ud800'), LATIN);
});
