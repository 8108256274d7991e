import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../shared/audit/decode-utf8.ts';

test('valid UTF-8 is decoded, a byte order mark included', () => {
  for (const text of ['', 'a', 'é日🙂', '\ufeffa', '\u0000'])
    assert.equal(decodeUtf8(Buffer.from(text)), text);
});

test('bytes that are not UTF-8 give null, and later bytes are still decoded', () => {
  for (const hex of ['ff', 'c080', 'eda080', 'f4908080', 'e697', '61e6']) {
    assert.equal(decodeUtf8(Buffer.from(hex, 'hex')), null, hex);
    assert.equal(decodeUtf8(Buffer.from('a')), 'a');
  }
});
