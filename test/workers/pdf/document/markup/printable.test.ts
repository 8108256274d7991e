import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, shorten } from '../../../../../workers/pdf/document/markup/printable.ts';
import { NAMES } from '../../../../support/names.ts';

test('leaves names of many scripts as they are', () => {
  for (const name of NAMES) assert.equal(printable(name), name.normalize('NFC'));
});

test('prints a letter and its mark in composed form', () => {
  assert.equal(printable('Jose\u0301 \u1112\u1161\u11ab'), 'José 한');
});

test('prints a mark as an escape where no font has it together with its letter', () => {
  assert.equal(printable('g\u0303 \u0430\u0301 =\u0301'), 'g‹U+0303› а\u0301 =‹U+0301›');
});

test('prints control characters as escapes', () => {
  assert.equal(
    printable('a\u0000b\n\t\r\u001b[31m\u007f\u0085'),
    'a‹U+0000›b‹U+000A›‹U+0009›‹U+000D›‹U+001B›[31m‹U+007F›‹U+0085›',
  );
});

test('prints every bidirectional control as an escape', () => {
  for (const code of [
    0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
  ]) {
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    assert.equal(printable(`a${String.fromCodePoint(code)}b`), `a‹U+${hex}›b`);
  }
});

test('prints invisible characters and unusual spaces as escapes', () => {
  for (const code of [
    0xa0, 0xad, 0x200b, 0x200d, 0x2028, 0x2029, 0x3000, 0xfeff, 0x3164, 0xfe0f, 0xe0041, 0x115f,
  ]) {
    assert.match(printable(String.fromCodePoint(code)), /^‹U\+[0-9A-F]{4,6}›$/);
  }
});

test('prints characters without a glyph as escapes', () => {
  assert.equal(printable('😀 ꦲ ᐃ \ue000'), '‹U+1F600› ‹U+A9B2› ‹U+1403› ‹U+E000›');
});

test('prints the brackets of a forged escape as escapes', () => {
  assert.equal(printable('‹U+202E›'), '‹U+2039›U+202E‹U+203A›');
});

test('prints two marks of all scripts on a letter, five of its own, and further ones as escapes', () => {
  assert.equal(printable('\u0431\u0301\u0301\u0301'), '\u0431\u0301\u0301‹U+0301›');
  assert.equal(printable('ก\u0e48\u0e48\u0e48\u0e48\u0e48\u0e48'), `ก${'\u0e48'.repeat(5)}‹U+0E48›`);
  assert.equal(printable('\u0301a'), '‹U+0301›a');
  assert.equal(printable('กำ ำ'), 'กำ ‹U+0E33›');
});

test('a shortened text prints within its limit', () => {
  assert.equal(shorten('abcdef', 6), 'abcdef');
  assert.equal(shorten('abcdefg', 6), 'abcde…');
  const short = shorten('ab\u202e\u202e\u202e', 12);
  assert.ok([...printable(short)].length <= 12);
  assert.ok(short.endsWith('…'));
});
