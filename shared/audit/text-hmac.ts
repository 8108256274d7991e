// HMAC-SHA256 (RFC 2104) of short texts, one a log, as two `crypto.hash` calls over prepared pads. `createHmac` makes an
// object for each text, which only a full garbage collection frees: over ten thousand logs it took 10 µs a log, these
// calls 1.
import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;

/** Bytes of a text that is hashed without an allocation. */
const ROOM = 4096;

/** The first blocks of the two hashes, from a key of any length (RFC 2104 section 2). */
export function hmacPads(key: Uint8Array): Readonly<{ inner: Uint8Array; outer: Uint8Array }> {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? hash('sha256', key, 'buffer') : key);
  return { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) };
}

/** Signs texts under one key. It belongs to one thread. */
export class TextHmac {
  // [ipad][text]
  readonly #inner = Buffer.alloc(BLOCK + ROOM);
  // [opad][inner digest]
  readonly #outer = Buffer.alloc(BLOCK + DIGEST);

  constructor(key: Uint8Array) {
    const { inner, outer } = hmacPads(key);
    this.#inner.set(inner);
    this.#outer.set(outer);
  }

  /** The HMAC of the text's UTF-8 bytes, 64 hex digits. */
  signHex(text: string): string {
    hash('sha256', this.#message(text), 'buffer').copy(this.#outer, BLOCK);
    return hash('sha256', this.#outer, 'hex');
  }

  #message(text: string): Uint8Array {
    // A character takes three bytes at most.
    if (3 * text.length > ROOM) return Buffer.concat([this.#inner.subarray(0, BLOCK), Buffer.from(text)]);
    return this.#inner.subarray(0, BLOCK + this.#inner.write(text, BLOCK));
  }
}
