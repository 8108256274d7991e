import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTokenText, newTokenText } from '../../../shared/accounts/token-text.ts';

test('a new token is msk_, 32 random bytes and a checksum', () => {
  const text = newTokenText();
  assert.match(text, /^msk_[A-Za-z0-9_-]{49}$/);
  assert.equal(Buffer.from(text.slice(4, 47), 'base64url').length, 32);
  assert.ok(isTokenText(text));
  assert.notEqual(newTokenText(), text);
});

test('the checksum is the CRC-32 of the characters before it', () => {
  // Calculated by Python: base64.urlsafe_b64encode(zlib.crc32(b'msk_' + b'A' * 43).to_bytes(4, 'big'))[:6].
  assert.ok(isTokenText(`msk_${'A'.repeat(43)}U5YjGQ`));
});

test('a token with any one character changed, or one more or less, is none', () => {
  const text = newTokenText();
  for (let i = 0; i < text.length; i += 1) {
    const changed = text[i] === 'A' ? 'B' : 'A';
    assert.ok(!isTokenText(`${text.slice(0, i)}${changed}${text.slice(i + 1)}`), String(i));
  }
  for (const bad of [
    '',
    'msk_',
    text.slice(0, -1),
    `${text}A`,
    ` ${text}`,
    `${text}\n`,
    text.toUpperCase(),
  ]) {
    assert.ok(!isTokenText(bad), bad);
  }
});
