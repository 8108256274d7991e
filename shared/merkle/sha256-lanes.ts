// SHA-256 of many short messages of one length. A call of `crypto.hash` costs as much as hashing five blocks, so
// messages of two blocks are hashed four at a time in WebAssembly, or one after the other where that cannot run.
// Imports nothing of ours but hashes and the memory's layout.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FREE_AT, MIDSTATE_AT, MIDSTATE_SIZE } from './assembly/layout.ts';
import { HASH_SIZE, hashNode } from './hash.ts';
import { hashInto } from './hash-into.ts';

/** Hashes that each area of the memory has room for. */
export const LANES_ROOM = 64;
/** Messages hashed at once. */
const LANES = 4;

const BLOCK = 64;
const BLOCK_AT = FREE_AT;
/** Byte offset of the area of inner hashes in a hasher's memory. Hash `i` of an area stands `HASH_SIZE * i` further. */
export const INNER_AT = BLOCK_AT + BLOCK;
/** Byte offset of the area of outer hashes, to which `hashInner` writes. */
export const OUTER_AT = INNER_AT + LANES_ROOM * HASH_SIZE;
/** Byte offset of the area of leaf hashes. `hashPairs` reads the byte before it, and leaves that byte as it is. */
export const LEAVES_AT = OUTER_AT + LANES_ROOM * HASH_SIZE;
/** Bytes of a hasher's memory. The WebAssembly module keeps its constant tables after them. */
export const MEMORY_SIZE = LEAVES_AT + LANES_ROOM * HASH_SIZE;

/** A hasher. All callers in a thread share it: bytes in its memory are a caller's own until that caller awaits. */
export type Sha256Lanes = Readonly<{
  /** `MEMORY_SIZE` bytes. */
  memory: Buffer;
  /**
   * Precomputes the SHA-256 state after a 64-byte first block that many messages have in common (an HMAC's midstate).
   * The result is for this hasher's `hashInner` and stays valid.
   */
  prepare(block: Uint8Array): Uint8Array;
  /**
   * Hashes the prepared block followed by a hash, for each of the first `count` hashes at `INNER_AT`. Writes the
   * digests to `OUTER_AT`, and may write up to three more after them. `count` is at most `LANES_ROOM`; 0 hashes
   * nothing.
   */
  hashInner(prepared: Uint8Array, count: number): void;
  /**
   * Replaces the first `count` pairs of hashes at `LEAVES_AT` by their RFC 6962 node hashes, end to end. `count` is a
   * multiple of four, at most `LANES_ROOM / 2`.
   */
  hashPairs(count: number): void;
}>;

/** `count` hashes that stand end to end from `LEAVES_AT` + `HASH_SIZE * index` on, each of a subtree of `width` leaves. */
export type Subtrees = Readonly<{ index: number; count: number; width: number }>;

/**
 * Replaces the first `count` leaf hashes at `LEAVES_AT`, those of the leaves from position `begin` on, by hashes of
 * subtrees (RFC 6962 section 2.1), as wide as the position and full lanes allow. Returns these in the order of their
 * leaves; together they cover all leaves. 0 leaves give no subtree.
 */
export function foldLeaves(lanes: Sha256Lanes, begin: number, count: number): Subtrees[] {
  // Hashes left over at each width stand behind all that is folded further.
  const subtrees: Subtrees[] = [];
  let [hashes, width] = [count, 1];
  for (let pairs = fullPairs(hashes); pairs > 0 && begin % (2 * width) === 0; pairs = fullPairs(hashes)) {
    if (hashes > 2 * pairs) subtrees.unshift({ index: 2 * pairs, count: hashes - 2 * pairs, width });
    lanes.hashPairs(pairs);
    hashes = pairs;
    width *= 2;
  }
  if (hashes > 0) subtrees.unshift({ index: 0, count: hashes, width });
  return subtrees;
}

/** Replaces the first `count` pairs of hashes of 32 bytes by their RFC 6962 node hashes, end to end. */
export function foldPairs({ memory, hashPairs }: Sha256Lanes, hashes: Buffer, count: number): void {
  const full = fullPairs(2 * count);
  for (let pair = 0; pair < full; pair += LANES_ROOM / 2) {
    const pairs = Math.min(full - pair, LANES_ROOM / 2);
    hashes.copy(memory, LEAVES_AT, 2 * HASH_SIZE * pair, 2 * HASH_SIZE * (pair + pairs));
    hashPairs(pairs);
    memory.copy(hashes, HASH_SIZE * pair, LEAVES_AT, LEAVES_AT + HASH_SIZE * pairs);
  }
  for (let pair = full; pair < count; pair += 1) {
    const [left, right, end] = [2 * pair, 2 * pair + 1, 2 * pair + 2].map((at) => at * HASH_SIZE);
    hashes.set(hashNode(hashes.subarray(left, right), hashes.subarray(right, end)), HASH_SIZE * pair);
  }
}

/** Pairs of so many hashes that fill lanes. */
function fullPairs(hashes: number): number {
  return LANES * Math.floor(hashes / (2 * LANES));
}

let opened: Sha256Lanes | undefined;

/** This thread's hasher, made by the first call (about a millisecond). Throws if `sha256-lanes.wasm` cannot be read. */
export function sha256Lanes(): Sha256Lanes {
  opened ??= openVectorLanes() ?? openPlainLanes();
  return opened;
}

const WASM_FILE = join(import.meta.dirname, 'sha256-lanes.wasm');

/** Declares the used part of a global that Node's types leave to the browser's. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};

/** Exports of `assembly/sha256-lanes.ts`, which documents them. */
type Exports = Readonly<{
  memory: { buffer: ArrayBuffer };
  makeMidstate(block: number): void;
  hashEnds(input: number, output: number, count: number): void;
  hashPairs(input: number, output: number, count: number): void;
}>;

/**
 * Makes a hasher that runs in WebAssembly. Null where the module cannot be instantiated: the processor lacks the vector
 * instructions, or the process the address space for a memory. Throws if `sha256-lanes.wasm` cannot be read.
 */
export function openVectorLanes(): Sha256Lanes | null {
  const code = readFileSync(WASM_FILE);
  let exports: Exports;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as Exports;
  } catch {
    return null;
  }
  const memory = Buffer.from(exports.memory.buffer, 0, MEMORY_SIZE);
  return {
    memory,
    prepare(block) {
      memory.set(block, BLOCK_AT);
      exports.makeMidstate(BLOCK_AT);
      return Uint8Array.from(memory.subarray(MIDSTATE_AT, MIDSTATE_AT + MIDSTATE_SIZE));
    },
    hashInner(midstate, count) {
      memory.set(midstate, MIDSTATE_AT);
      exports.hashEnds(INNER_AT, OUTER_AT, LANES * Math.ceil(count / LANES));
    },
    hashPairs: (count) => exports.hashPairs(LEAVES_AT, LEAVES_AT, count),
  };
}

/** Makes a hasher that calls `crypto.hash` once a message. It needs no WebAssembly. */
export function openPlainLanes(): Sha256Lanes {
  const memory = Buffer.alloc(MEMORY_SIZE);
  const message = Buffer.alloc(BLOCK + HASH_SIZE);
  return {
    memory,
    prepare: (block) => Uint8Array.from(block),
    hashInner(block, count) {
      message.set(block);
      for (let at = 0; at < count * HASH_SIZE; at += HASH_SIZE) {
        memory.copy(message, BLOCK, INNER_AT + at, INNER_AT + at + HASH_SIZE);
        hashInto(message, memory, OUTER_AT + at);
      }
    },
    hashPairs(count) {
      for (let i = 0; i < count; i += 1) {
        const [left, middle, end] = [2 * i, 2 * i + 1, 2 * i + 2].map((n) => LEAVES_AT + n * HASH_SIZE);
        const node = hashNode(memory.subarray(left, middle), memory.subarray(middle, end));
        memory.set(node, LEAVES_AT + i * HASH_SIZE);
      }
    },
  };
}
