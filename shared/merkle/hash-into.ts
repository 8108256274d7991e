// SHA-256 into memory that the caller owns. Imports nothing of ours.
import { hash } from 'node:crypto';

/**
 * `write` spends as long on finding its way to this method as the method takes. It is part of no documented interface,
 * hence the other way beside it.
 */
const { latin1Write } = Buffer.prototype as {
  latin1Write?: (text: string, at: number, size: number) => number;
};

const DIGEST = 32;

/**
 * Writes `SHA-256(input)` into `target` at `offset`. A digest as a string of bytes, then written, costs half of what it
 * costs to be handed a new Buffer.
 */
export function hashInto(input: Uint8Array, target: Buffer, offset: number): void {
  const digest = hash('sha256', input, 'binary');
  if (latin1Write) latin1Write.call(target, digest, offset, DIGEST);
  else target.write(digest, offset, DIGEST, 'latin1');
}
