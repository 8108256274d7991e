import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatVerifierKey,
  isKeyName,
  parseVerifierKey,
  verifierKeyOf,
} from '../../../shared/transparency/verifier-key.ts';
import { ENOCH, FOO, PETER, SIGSUM, SUMDB } from '../../support/published-notes.ts';
import { signerOf } from '../../support/signers.ts';

describe('verifier keys', () => {
  for (const text of [
    PETER.verifierKey,
    ENOCH.verifierKey,
    FOO.verifierKey,
    SIGSUM.verifierKey,
    SUMDB.verifierKey,
  ]) {
    it(`the published key ${text} is read and written`, () => {
      const key = parseVerifierKey(text);
      assert.ok(key);
      assert.equal(key.kind, 'ed25519');
      assert.equal(formatVerifierKey(key), text);
      assert.deepEqual(verifierKeyOf(key.name, key.publicKey), key);
    });
  }

  it('one public key has another id for each kind and name', () => {
    const { publicKey } = signerOf(1);
    const keys = [
      verifierKeyOf('a', publicKey),
      verifierKeyOf('a', publicKey, 'cosignature'),
      verifierKeyOf('b', publicKey),
    ];
    assert.equal(new Set(keys.map(({ keyIdHex }) => keyIdHex)).size, 3);
    for (const key of keys) assert.deepEqual(parseVerifierKey(formatVerifierKey(key)), key);
  });

  it('every part of a key, and every key with a byte changed, is refused', () => {
    const text = PETER.verifierKey;
    for (let begin = 0; begin < text.length; begin += 1) {
      for (let end = begin + 1; end <= text.length; end += 1) {
        if (end - begin < text.length) assert.equal(parseVerifierKey(text.slice(begin, end)), null);
      }
      const next = String.fromCharCode(text.charCodeAt(begin) + 1);
      assert.equal(parseVerifierKey(text.slice(0, begin) + next + text.slice(begin + 1)), null);
    }
  });

  const refused = {
    // golang.org/x/mod v0.43.0, sumdb/note/note_test.go.
    'with a key of another length and its own id':
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    'of an unknown kind and its own id': 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'with an id in capitals': PETER.verifierKey.toUpperCase(),
    'with a line end': `${PETER.verifierKey}\n`,
    'with a space before it': ` ${PETER.verifierKey}`,
    'with a plus in its name': `a+${PETER.verifierKey}`,
    'without a name': PETER.verifierKey.replace('PeterNeumann', ''),
    'without anything': '',
    'of pluses': '++',
  };
  for (const [fault, text] of Object.entries(refused)) {
    it(`a key ${fault} is refused`, () => assert.equal(parseVerifierKey(text), null));
  }

  it('a name has no spaces, control characters, plus or halves of characters', () => {
    for (const name of ['a', 'evidence.example/acc_1', 'é', '𝒳', '—', 'a\u007fb'])
      assert.ok(isKeyName(name), name);
    const bad = [
      '',
      ' ',
      'a b',
      'a\u00a0b',
      'a\u3000b',
      'a\u2028b',
      'a\u0085b',
      'a\n',
      'a\u0007',
      'a\u001fb',
      'a+b',
    ];
    for (const name of [...bad, '\ud800']) assert.equal(isKeyName(name), false, JSON.stringify(name));
  });

  it('a verifier key is not made of a bad name or of other than 32 bytes', () => {
    assert.throws(() => verifierKeyOf('a b', new Uint8Array(32)), RangeError);
    assert.throws(() => verifierKeyOf('a', new Uint8Array(31)), RangeError);
  });
});
