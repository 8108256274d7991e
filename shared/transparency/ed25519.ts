// Ed25519 (RFC 8032) with keys as 32 bytes.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Bytes of a public key. */
export const PUBLIC_KEY_SIZE = 32;
/** Bytes of a signature. */
export const SIGNATURE_SIZE = 64;

/** DER of a SubjectPublicKeyInfo up to the key (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The 32 bytes of a public key, or of a private key's public half; null for a key of another kind. */
export function publicKeyBytes(key: KeyObject): Uint8Array | null {
  if (key.asymmetricKeyType !== 'ed25519') return null;
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(SPKI_PREFIX.length));
}

/** Whether a signature over the bytes is the key's. False where the key has not 32 bytes, or the signature not 64. */
export function isSignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_SIZE || signature.length !== SIGNATURE_SIZE) return false;
  try {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, publicKey]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, bytes, key, signature);
  } catch {
    // The library may refuse bytes that are no point of the curve. No signature is theirs.
    return false;
  }
}
