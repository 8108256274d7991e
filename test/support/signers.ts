// Ed25519 keys for tests, always the same for one seed.
import { createPrivateKey } from 'node:crypto';
import { openPemSigner, type Signer } from '../../shared/transparency/signer.ts';

/** `LOG_ORIGIN` of tests. */
export const TEST_ORIGIN = 'evidence.example.org';

/** DER of a PKCS#8 private key up to the seed (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The PEM of the private key with a seed of 32 bytes, or of one byte 32 times. */
export function pemOf(seed: Uint8Array | number): string {
  const bytes = typeof seed === 'number' ? Buffer.alloc(32, seed) : seed;
  const der = Buffer.concat([PKCS8_PREFIX, bytes]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return key.export({ format: 'pem', type: 'pkcs8' }) as string;
}

/** A signer with that key. */
export function signerOf(seed: Uint8Array | number): Signer {
  return openPemSigner(pemOf(seed));
}
