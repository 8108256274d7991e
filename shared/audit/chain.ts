// The HMAC chain of audit-format version 1. One hasher a key and thread: its scratch memory is reused from entry to
// entry. Imports nothing of ours.
import { createHmac, hash } from 'node:crypto';

/** `prev_hash` of a session's first entry, and the head hash of an empty log. */
export const ZERO_HASH_HEX = '0'.repeat(64);

/** Bytes of the largest entry that the format allows. */
export const ENTRY_LIMIT = 32_768;

const BLOCK = 64;
const DIGEST = 32;

/**
 * `this_hash = HMAC-SHA256(key, raw32(prev_hash) || text without the two hashes)`, RFC 2104 as two `crypto.hash` calls
 * over prepared pads: `createHmac` costs twice as much a call with a KeyObject, fifteen times with the key's bytes
 * (Node 24). An entry is hashed by `begin`, `add` for each stretch of its text, then `finish`.
 */
export class ChainHasher {
  // [ipad][raw prev_hash][entry text without its two hashes]
  readonly #inner = Buffer.alloc(BLOCK + DIGEST + ENTRY_LIMIT);
  // [opad][inner digest]
  readonly #outer = Buffer.alloc(BLOCK + DIGEST);
  // A view costs a tenth of a hash, and lengths repeat: views are kept by length.
  readonly #views: Buffer[] = [];
  #length = 0;

  /** `key` is 32 bytes or more. */
  constructor(key: Uint8Array) {
    const block = Buffer.alloc(BLOCK);
    block.set(key.length > BLOCK ? hash('sha256', key, 'buffer') : key);
    for (const [i, byte] of block.entries()) {
      this.#inner[i] = byte ^ 0x36;
      this.#outer[i] = byte ^ 0x5c;
    }
  }

  /** Starts an entry that follows the one whose hash is these 32 bytes. */
  begin(prevHash: Buffer): void {
    this.#inner.set(prevHash, BLOCK);
    this.#length = BLOCK + DIGEST;
  }

  /** Adds `bytes[begin, end)` of the entry's canonical text. */
  add(bytes: Buffer, begin: number, end: number): void {
    if (this.#length + end - begin > this.#inner.length) throw new RangeError('Entry over the size limit');
    bytes.copy(this.#inner, this.#length, begin, end);
    this.#length += end - begin;
  }

  /** Writes the hash of what was added since `begin` into `target`, 32 bytes. */
  finish(target: Buffer): void {
    this.#views[this.#length] ??= this.#inner.subarray(0, this.#length);
    this.#outer.write(hash('sha256', this.#views[this.#length] as Buffer, 'binary'), BLOCK, 'binary');
    target.write(hash('sha256', this.#outer, 'binary'), 0, 'binary');
  }
}

/** Whether `bytes[at]` begins 64 lower-case hex digits that spell `digest`. Takes the same time wherever they differ. */
export function spellsDigest(bytes: Uint8Array, at: number, digest: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < DIGEST; i += 1) {
    const pair = HEX_PAIRS[digest[i] as number] as number;
    difference |= (pair >> 8) ^ (bytes[at + 2 * i] as number);
    difference |= (pair & 0xff) ^ (bytes[at + 2 * i + 1] as number);
  }
  return difference === 0;
}

/** The two hex digits of each byte, the first in the upper half. */
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(),
);

/** First 16 hex digits of `HMAC-SHA256(key, "masker-key-check")`: tells a wrong key from an altered log. */
export function computeKeyCheck(key: Uint8Array): string {
  return createHmac('sha256', key).update('masker-key-check').digest('hex').slice(0, 16);
}
