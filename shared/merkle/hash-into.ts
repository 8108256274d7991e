// SHA-256 into memory that the caller owns. Imports nothing of ours.
import { hash } from 'node:crypto';

/**
 * Undocumented Node fast path. `buffer.write(text, at, size, 'latin1')` costs twice as much, because it handles every
 * kind of argument first. That call is the fallback where `latin1Write` is missing.
 */
const { latin1Write } = Buffer.prototype as {
  latin1Write?: (text: string, at: number, size: number) => number;
};

const DIGEST = 32;

/**
 * Writes `SHA-256(input)`, 32 bytes, into `target` at `offset`. `input` may be a part of `target`. Throws a RangeError
 * where fewer than 32 bytes follow `offset`. Takes the digest as a binary string, which costs half of a new Buffer.
 */
export function hashInto(input: Uint8Array, target: Buffer, offset: number): void {
  const digest = hash('sha256', input, 'binary');
  if (latin1Write) latin1Write.call(target, digest, offset, DIGEST);
  else target.write(digest, offset, DIGEST, 'latin1');
}
