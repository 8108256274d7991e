// The HMAC chain of audit-format version 1, "Chain". A hasher belongs to one key and one thread: it reuses its scratch
// memory from entry to entry.
import { createHmac } from 'node:crypto';
import { LEAF_PREFIX } from '../merkle/hash.ts';
import { hashInto } from '../merkle/hash-into.ts';
import { INNER_AT, type Sha256Lanes } from '../merkle/sha256-lanes.ts';
import { hmacPads } from './text-hmac.ts';

/** 64 zeros: `prev_hash` of a session's first entry, and the head hash of an empty log. */
export const ZERO_HASH_HEX = '0'.repeat(64);

/** Bytes of the largest entry that the format allows (audit-format "Entry"). */
export const ENTRY_LIMIT = 32_768;

const BLOCK = 64;
const DIGEST = 32;

const TEXT_AT = BLOCK + DIGEST;

const KEPT_VIEWS = 4096;

/** Lengths in a hash member, `"prev_hash":"…",`: the text before the digits, and the digits with the text after. */
const MEMBER_HEAD = '"prev_hash":"'.length;
const MEMBER_TAIL = 2 * DIGEST + '",'.length;

/**
 * `this_hash = HMAC-SHA256(key, raw32(prev_hash) || text without the two hashes)`, RFC 2104 as two `crypto.hash` calls
 * over prepared pads: `createHmac` costs twice as much a call with a KeyObject, fifteen times with the key's bytes
 * (Node 24). An entry is hashed by `begin`, `add` for each stretch of its text, then `finish`.
 *
 * The quick check adds an entry whole, which serves the leaf hash too, and cuts its two hashes out: moving bytes within
 * one memory takes half as long as copying them from another. `finishMany` makes the outer hash call of many entries at
 * once.
 */
export class ChainHasher {
  // [ipad][raw prev_hash][text]
  readonly #inner = Buffer.alloc(TEXT_AT + ENTRY_LIMIT);
  // [opad][inner digest]
  readonly #outer = Buffer.alloc(BLOCK + DIGEST);
  // Views of the scratch memory, by length.
  readonly #views: Buffer[] = [];
  readonly #leafViews: Buffer[] = [];
  #length = 0;
  #preparedOuter: Uint8Array | undefined;

  /** `key` is 32 bytes or more. */
  constructor(key: Uint8Array) {
    const { inner, outer } = hmacPads(key);
    this.#inner.set(inner);
    this.#outer.set(outer);
  }

  /** Starts an entry. `prevHash` is the hash of the entry before, 32 bytes. */
  begin(prevHash: Buffer): void {
    this.#inner.set(prevHash, BLOCK);
    this.#length = TEXT_AT;
  }

  /**
   * Starts an entry. The 64 hex digits `bytes[at, at + 64)` spell the hash of the entry before. The digits are not
   * checked: upper case is accepted, and any other character counts as zero.
   */
  beginAfter(bytes: Buffer, at: number): void {
    for (let i = 0; i < DIGEST; i += 1) {
      const [high, low] = [bytes[at + 2 * i] as number, bytes[at + 2 * i + 1] as number];
      this.#inner[BLOCK + i] = ((DIGIT_VALUES[high] as number) << 4) | (DIGIT_VALUES[low] as number);
    }
    this.#length = TEXT_AT;
  }

  /** Adds `bytes[begin, end)` of the entry's canonical text. Throws a RangeError past `ENTRY_LIMIT` bytes in all. */
  add(bytes: Buffer, begin: number, end: number): void {
    if (this.#length + end - begin > this.#inner.length) throw new RangeError('Entry over the size limit');
    bytes.copy(this.#inner, this.#length, begin, end);
    this.#length += end - begin;
  }

  /** Writes the HMAC of the text added since `begin` into `target`, 32 bytes. */
  finish(target: Buffer): void {
    hashInto(viewOf(this.#inner, 0, this.#length, this.#views), this.#outer, BLOCK);
    hashInto(this.#outer, target, 0);
  }

  /** Writes the inner hash of entry `i` to `INNER_AT`. `finishMany` makes the outer one. */
  finishInner(lanes: Sha256Lanes, i: number): void {
    hashInto(viewOf(this.#inner, 0, this.#length, this.#views), lanes.memory, INNER_AT + i * DIGEST);
  }

  /** Writes the HMACs of the first `count` entries to `OUTER_AT`, from the inner hashes that `finishInner` wrote. */
  finishMany(lanes: Sha256Lanes, count: number): void {
    this.#preparedOuter ??= lanes.prepare(this.#outer.subarray(0, BLOCK));
    lanes.hashInner(this.#preparedOuter, count);
  }

  /**
   * Cuts out the hash member whose digits begin `at` bytes after the entry's first byte. Of two members, the later one
   * must be cut out first, since a cut moves all that follows it.
   */
  cutHash(at: number): void {
    this.#inner.copyWithin(TEXT_AT + at - MEMBER_HEAD, TEXT_AT + at + MEMBER_TAIL, this.#length);
    this.#length -= MEMBER_HEAD + MEMBER_TAIL;
  }

  /** Writes the RFC 6962 leaf hash of the text added, a whole entry, into `target` at `offset`. */
  writeLeafHash(target: Buffer, offset: number): void {
    // The leaf prefix replaces the byte before the text, the last one of `prev_hash`, for the length of this call.
    const before = TEXT_AT - 1;
    const borrowed = this.#inner[before] as number;
    this.#inner[before] = LEAF_PREFIX;
    hashInto(viewOf(this.#inner, before, this.#length - before, this.#leafViews), target, offset);
    this.#inner[before] = borrowed;
  }
}

/** Views up to this length are cached: making one costs a tenth of a hash, and lengths repeat. */
function viewOf(memory: Buffer, begin: number, length: number, kept: Buffer[]): Buffer {
  if (length >= KEPT_VIEWS) return memory.subarray(begin, begin + length);
  kept[length] ??= memory.subarray(begin, begin + length);
  return kept[length] as Buffer;
}

/** Whether the 64 characters at `at` are the digest at `memory[offset]` in lower-case hex. Takes constant time. */
export function spellsDigest(view: DataView, at: number, memory: Uint8Array, offset = 0): boolean {
  if (at + 2 * DIGEST > view.byteLength) return false;
  let difference = 0;
  for (let i = 0; i < DIGEST; i += 1) {
    difference |= (HEX_PAIRS[memory[offset + i] as number] as number) ^ view.getUint16(at + 2 * i);
  }
  return difference === 0;
}

/** Whether the 64 characters at `a` and those at `b` are equal. Takes constant time. */
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

/** The value of a hex digit by its character code. Any other character has 0, which is how NaN is stored. */
const DIGIT_VALUES = Uint8Array.from({ length: 256 }, (_, code) =>
  Number.parseInt(String.fromCharCode(code), 16),
);

/**
 * The first 16 hex digits of `HMAC-SHA256(key, "masker-key-check")`, which a log's record keeps (audit-format "Chain").
 * It tells a log under another key of the same id from an altered log.
 */
export function computeKeyCheck(key: Uint8Array): string {
  return createHmac('sha256', key).update('masker-key-check').digest('hex').slice(0, 16);
}
