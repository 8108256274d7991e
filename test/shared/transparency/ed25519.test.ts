import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { isSignature, publicKeyBytes } from '../../../shared/transparency/ed25519.ts';

function signer(): { publicKey: Uint8Array; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: publicKeyBytes(publicKey)!, privateKey };
}

/** Every copy of the bytes with one bit of one byte changed. */
function* damaged(bytes: Uint8Array): Generator<Uint8Array> {
  for (const at of bytes.keys()) {
    const copy = Uint8Array.from(bytes);
    copy[at]! ^= 1 << (at % 8);
    yield copy;
  }
}

describe('isSignature', () => {
  it('takes the signatures of RFC 8032, section 7.1', () => {
    const vectors = [
      [
        'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
        '',
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      ],
      [
        '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
        '72',
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      ],
    ] as const;
    for (const vector of vectors) {
      const [key, text, signature] = vector.map((hex) => Buffer.from(hex, 'hex')) as [Buffer, Buffer, Buffer];
      assert.ok(isSignature(key, text, signature));
      assert.ok(isSignature(key, text, signature));
    }
  });

  it('takes none with one bit changed in key, text or signature, also after it took the true one', () => {
    const { publicKey, privateKey } = signer();
    const text = Buffer.from('example.org/log\n3\nroot\n');
    const signature = sign(null, text, privateKey);
    assert.ok(isSignature(publicKey, text, signature));
    for (const key of damaged(publicKey)) assert.ok(!isSignature(key, text, signature));
    for (const other of damaged(text)) assert.ok(!isSignature(publicKey, other, signature));
    for (const other of damaged(signature)) assert.ok(!isSignature(publicKey, text, other));
    // The same bytes, cut elsewhere between signature and text.
    const bytes = Buffer.concat([signature, text]);
    assert.ok(!isSignature(publicKey, bytes.subarray(65), bytes.subarray(1, 65)));
    assert.ok(!isSignature(publicKey, bytes.subarray(63), bytes.subarray(0, 63)));
  });

  it('takes each of a thousand signatures as often as it is asked', () => {
    const { publicKey, privateKey } = signer();
    const texts = Array.from({ length: 1_000 }, (_, i) => Buffer.from(`${i}\n`));
    const signatures = texts.map((text) => sign(null, text, privateKey));
    for (let round = 0; round < 2; round += 1) {
      for (const [i, text] of texts.entries()) {
        assert.ok(isSignature(publicKey, text, signatures[i]!));
        assert.ok(!isSignature(publicKey, text, signatures[(i + 1) % 1_000]!));
      }
    }
  });
});
