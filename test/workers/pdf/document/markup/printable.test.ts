import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IN_FONTS, printable, shorten } from '../../../../../workers/pdf/document/markup/printable.ts';

test('leaves names of many scripts as they are', () => {
  for (const name of ['Riverside Clinic', 'Köln Empfang 日本', 'Ελλάδα', 'Київ', 'カナ', '→ ≤ € “x”']) {
    assert.equal(printable(name), name);
  }
});

test('prints control characters as escapes', () => {
  assert.equal(
    printable('a\u0000b\n\t\r\u001b[31m\u007f\u0085'),
    'a⟨U+0000⟩b⟨U+000A⟩⟨U+0009⟩⟨U+000D⟩⟨U+001B⟩[31m⟨U+007F⟩⟨U+0085⟩',
  );
});

test('prints every bidirectional control as an escape', () => {
  for (const code of [
    0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
  ]) {
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    assert.equal(printable(`a${String.fromCodePoint(code)}b`), `a⟨U+${hex}⟩b`);
  }
});

test('prints invisible characters and unusual spaces as escapes', () => {
  for (const code of [
    0xa0, 0xad, 0x200b, 0x200d, 0x2028, 0x2029, 0x3000, 0xfeff, 0x3164, 0xfe0f, 0xe0041, 0x115f,
  ]) {
    assert.match(printable(String.fromCodePoint(code)), /^⟨U\+[0-9A-F]{4,6}⟩$/);
  }
});

test('prints characters without a glyph as escapes', () => {
  assert.equal(printable('😀 ไ 서 \ue000'), '⟨U+1F600⟩ ⟨U+0E44⟩ ⟨U+C11C⟩ ⟨U+E000⟩');
});

test('prints the brackets of a forged escape as escapes', () => {
  assert.equal(printable('⟨U+202E⟩'), '⟨U+27E8⟩U+202E⟨U+27E9⟩');
});

test('prints two marks on a letter, and further ones as escapes', () => {
  assert.equal(printable('a\u0301\u0302\u0303'), 'a\u0301\u0302⟨U+0303⟩');
  assert.equal(printable('\u0301a'), '⟨U+0301⟩a');
});

test('prints no character outside the blocks of the fonts, but for the brackets of escapes', () => {
  for (let code = 0; code <= 0x3ffff; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCodePoint(code);
    const inFonts = IN_FONTS.some(([first, last]) => code >= first && code <= last);
    if (!inFonts) assert.notEqual(printable(char), char);
  }
});

test('a shortened text prints within its limit', () => {
  assert.equal(shorten('abcdef', 6), 'abcdef');
  assert.equal(shorten('abcdefg', 6), 'abcde…');
  const short = shorten('ab\u202e\u202e\u202e', 12);
  assert.ok([...printable(short)].length <= 12);
  assert.ok(short.endsWith('…'));
});
