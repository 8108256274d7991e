import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEscapes } from '../../../shared/reports/decode-escapes.ts';

test('decodes an HTML reference once, whatever it stands for', () => {
  assert.equal(
    decodeEscapes('&amp;#45; &amp;ndash; &#38;ndash; &#x26;colon;'),
    '&#45; &ndash; &ndash; &colon;',
  );
});

test('leaves what HTML does not know as it is, in its own case', () => {
  for (const text of ['&Unknown;', '&#;', '&#x;', '&;', 'R&D; A&B', '&amp', '&#45 6']) {
    assert.equal(decodeEscapes(text), text);
  }
});

test('gives a replacement character for a reference to no character', () => {
  for (const text of ['&#0;', '&#xd800;', '&#x110000;', '&#99999999999;', '\\u{110000}']) {
    assert.equal(decodeEscapes(text), '\ufffd', text);
  }
});

test('takes the names of references in any case, each in its own before another', () => {
  assert.equal(decodeEscapes('&COMMAT;&Commat;&AMP;&Auml;&auml;&AUML;'), '@@&Äää');
});
