// The HMAC chain of audit-format version 1. One hasher a key and thread: its scratch memory is reused from entry to
// entry. Imports nothing of ours but hashes.
import { createHmac, hash } from 'node:crypto';
import { LEAF_PREFIX } from '../merkle/hash.ts';
import { hashInto } from '../merkle/hash-into.ts';
import { INNER_AT, type Sha256Lanes } from '../merkle/sha256-lanes.ts';

/** `prev_hash` of a session's first entry, and the head hash of an empty log. */
export const ZERO_HASH_HEX = '0'.repeat(64);

/** Bytes of the largest entry that the format allows. */
export const ENTRY_LIMIT = 32_768;

const BLOCK = 64;
const DIGEST = 32;

const TEXT_AT = BLOCK + DIGEST;

const KEPT_VIEWS = 4096;

/** Of `prev_hash` and `this_hash` alike: what stands before the digits, and they with what stands behind them. */
const MEMBER_HEAD = '"prev_hash":"'.length;
const MEMBER_TAIL = 2 * DIGEST + '",'.length;

/**
 * `this_hash = HMAC-SHA256(key, raw32(prev_hash) || text without the two hashes)`, RFC 2104 as two `crypto.hash` calls
 * over prepared pads: `createHmac` costs twice as much a call with a KeyObject, fifteen times with the key's bytes
 * (Node 24). An entry is hashed by `begin`, `add` for each stretch of its text, then `finish`.
 *
 * Or it is added whole, which takes one copy for the leaf hash too, and its two hashes are cut out of it: to move
 * bytes within one memory takes half as long as to copy them from another. Of many entries, the outer one of the two
 * hash calls is made at once.
 */
export class ChainHasher {
  // [ipad][raw prev_hash][text]
  readonly #inner = Buffer.alloc(TEXT_AT + ENTRY_LIMIT);
  // [opad][inner digest]
  readonly #outer = Buffer.alloc(BLOCK + DIGEST);
  // By length.
  readonly #views: Buffer[] = [];
  readonly #leafViews: Buffer[] = [];
  #length = 0;
  #preparedOuter: Uint8Array | undefined;

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
    this.#length = TEXT_AT;
  }

  /**
   * Starts an entry that follows the one whose hash the 64 hex digits `bytes[at, at + 64)` spell. They are not checked:
   * upper case is as good, and what is no digit counts as zero.
   */
  beginAfter(bytes: Buffer, at: number): void {
    for (let i = 0; i < DIGEST; i += 1) {
      const [high, low] = [bytes[at + 2 * i] as number, bytes[at + 2 * i + 1] as number];
      this.#inner[BLOCK + i] = ((DIGIT_VALUES[high] as number) << 4) | (DIGIT_VALUES[low] as number);
    }
    this.#length = TEXT_AT;
  }

  /** Adds `bytes[begin, end)` of the entry's canonical text. */
  add(bytes: Buffer, begin: number, end: number): void {
    if (this.#length + end - begin > this.#inner.length) throw new RangeError('Entry over the size limit');
    bytes.copy(this.#inner, this.#length, begin, end);
    this.#length += end - begin;
  }

  /** Writes the hash of what was added since `begin` into `target`, 32 bytes. */
  finish(target: Buffer): void {
    hashInto(viewOf(this.#inner, 0, this.#length, this.#views), this.#outer, BLOCK);
    hashInto(this.#outer, target, 0);
  }

  /** Makes the inner one of the two hash calls of `finish`; the outer one of entry `i` is left to `finishMany`. */
  finishInner(lanes: Sha256Lanes, i: number): void {
    hashInto(viewOf(this.#inner, 0, this.#length, this.#views), lanes.memory, INNER_AT + i * DIGEST);
  }

  /** Writes the hashes of the first `count` entries to `OUTER_AT`. */
  finishMany(lanes: Sha256Lanes, count: number): void {
    this.#preparedOuter ??= lanes.prepare(this.#outer.subarray(0, BLOCK));
    lanes.hashInner(this.#preparedOuter, count);
  }

  /**
   * Takes out of what was added the member that is a hash whose digits stand `at` behind the begin of the entry. Of two
   * members the last goes first.
   */
  cutHash(at: number): void {
    this.#inner.copyWithin(TEXT_AT + at - MEMBER_HEAD, TEXT_AT + at + MEMBER_TAIL, this.#length);
    this.#length -= MEMBER_HEAD + MEMBER_TAIL;
  }

  /** Writes the RFC 6962 leaf hash of what was added, a whole entry, into `target` at `offset`. */
  writeLeafHash(target: Buffer, offset: number): void {
    // The prefix stands for the byte before the text meanwhile, which is the last one of `prev_hash`.
    const before = TEXT_AT - 1;
    const borrowed = this.#inner[before] as number;
    this.#inner[before] = LEAF_PREFIX;
    hashInto(viewOf(this.#inner, before, this.#length - before, this.#leafViews), target, offset);
    this.#inner[before] = borrowed;
  }
}

/** A view costs a tenth of a hash, and lengths repeat: those of usual ones are kept. */
function viewOf(memory: Buffer, begin: number, length: number, kept: Buffer[]): Buffer {
  if (length >= KEPT_VIEWS) return memory.subarray(begin, begin + length);
  kept[length] ??= memory.subarray(begin, begin + length);
  return kept[length] as Buffer;
}

/**
 * Whether 64 lower-case hex digits that spell the digest at `offset` of `memory` stand at `at`. Takes the same time
 * wherever they differ.
 */
export function spellsDigest(view: DataView, at: number, memory: Uint8Array, offset = 0): boolean {
  if (at + 2 * DIGEST > view.byteLength) return false;
  let difference = 0;
  for (let i = 0; i < DIGEST; i += 1) {
    difference |= (HEX_PAIRS[memory[offset + i] as number] as number) ^ view.getUint16(at + 2 * i);
  }
  return difference === 0;
}

/** Whether the 64 hex digits at `a` and at `b` are the same. Takes the same time wherever they differ. */
export function sameDigits(view: DataView, a: number, b: number): boolean {
  if (Math.max(a, b) + 2 * DIGEST > view.byteLength) return false;
  let difference = 0;
  for (let i = 0; i < 2 * DIGEST; i += 4) difference |= view.getInt32(a + i) ^ view.getInt32(b + i);
  return difference === 0;
}

/** The two hex digits of each byte, the first in the upper half. */
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(),
);

/** By the code of a hex digit. */
const DIGIT_VALUES = Uint8Array.from({ length: 256 }, (_, code) =>
  Number.parseInt(String.fromCharCode(code), 16),
);

/** First 16 hex digits of `HMAC-SHA256(key, "masker-key-check")`: tells a wrong key from an altered log. */
export function computeKeyCheck(key: Uint8Array): string {
  return createHmac('sha256', key).update('masker-key-check').digest('hex').slice(0, 16);
}
