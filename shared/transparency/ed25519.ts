// Ed25519 (RFC 8032) with keys as 32 bytes.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

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

/** Digests of signatures that held, the newest last. A checkpoint is asked about for each proof and each report under it. */
const held = new Set<string>();
const HELD_AT_MOST = 256;

/** Whether a signature over the bytes is the key's. False where the key has not 32 bytes, or the signature not 64. */
export function isSignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_SIZE || signature.length !== SIGNATURE_SIZE) return false;
  const digest = createHash('sha256').update(publicKey).update(signature).update(bytes).digest('base64');
  if (held.has(digest)) return true;
  if (!verifySignature(publicKey, bytes, signature)) return false;
  const [oldest] = held;
  if (held.size === HELD_AT_MOST && oldest !== undefined) held.delete(oldest);
  held.add(digest);
  return true;
}

function verifySignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
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
