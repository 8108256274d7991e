import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { TextHmac } from '../../../shared/audit/text-hmac.ts';

const naive = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('hex');

describe('the HMAC of texts', () => {
  it('equals that of OpenSSL for keys and texts of any length, whatever was signed before', () => {
    for (const size of [0, 1, 32, 63, 64, 65, 200]) {
      const key = Buffer.alloc(size, 0x9d);
      const hmac = new TextHmac(key);
      for (const text of [
        'x'.repeat(5000),
        '',
        'a',
        'é€𝄞',
        '€'.repeat(1365),
        '€'.repeat(1366),
        'x'.repeat(4097),
      ]) {
        assert.equal(hmac.signHex(text), naive(key, text), `${size}, ${text.length}`);
      }
    }
  });
});
