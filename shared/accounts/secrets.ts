import { createHash } from 'node:crypto';

/**
 * SHA-256 of a random secret, 64 hex digits: what is stored of it. No salt and no slow hash, because a secret of 256
 * random bits cannot be guessed.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
