// Signing behind one small interface, so that a KMS or an HSM can take the place of a key in a file.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { publicKeyBytes } from './ed25519.ts';

/** Signs with an Ed25519 key that it keeps to itself. */
export type Signer = Readonly<{
  /** The signature over bytes, 64 bytes (RFC 8032). */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** 32 bytes. */
  publicKey: Uint8Array;
}>;

const PKCS8_PEM = /^-----BEGIN PRIVATE KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PRIVATE KEY-----$/;

/** The key of a PEM text; null for anything but one PKCS#8 block, not encrypted, with an Ed25519 private key. */
export function readPrivateKey(pem: string): KeyObject | null {
  const block = pem.trim();
  if (!PKCS8_PEM.test(block)) return null;
  try {
    const key = createPrivateKey(block);
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

/**
 * A signer with the private key of a PEM text, as `openssl genpkey -algorithm ed25519` writes it. Throws a RangeError
 * for another text. The message holds nothing of it.
 */
export function openPemSigner(pem: string): Signer {
  const key = readPrivateKey(pem);
  const publicKey = key && publicKeyBytes(key);
  if (key === null || publicKey === null) throw new RangeError('Not an Ed25519 private key');
  return {
    publicKey,
    async sign(bytes) {
      return new Uint8Array(sign(null, bytes, key));
    },
  };
}
