// SHA-256 of short messages of one length, many at a time. A call of `crypto.hash` takes as long for its way in and out as
// for hashing five blocks, so messages of one or two are hashed four at once in WebAssembly. Imports nothing of ours but
// hashes.
import { HASH_SIZE, hashNode } from './hash.ts';
import { hashInto } from './hash-into.ts';
import { FREE_AT, MIDSTATE_AT, MIDSTATE_SIZE, makeLanesModule } from './sha256-lanes-code.ts';

/** Messages that there is room for. */
export const LANES_ROOM = 64;
/** Hashes that `foldLeaves` makes of as many leaves. */
export const FOLDED = 4;

const BLOCK = 64;
const BLOCK_AT = FREE_AT;
/** Places in the memory of lanes: hash `i` of an area stands `HASH_SIZE * i` behind its begin. */
export const INNER_AT = BLOCK_AT + BLOCK;
export const OUTER_AT = INNER_AT + LANES_ROOM * HASH_SIZE;
/** There is a byte before it. */
export const LEAVES_AT = OUTER_AT + LANES_ROOM * HASH_SIZE;
const MEMORY_SIZE = LEAVES_AT + LANES_ROOM * HASH_SIZE;

/** Shared by all who hash in this thread: what stands in the memory is the caller's until it awaits something. */
export type Sha256Lanes = Readonly<{
  memory: Buffer;
  /** What `hashInner` is to know of the 64 bytes that its messages begin with. */
  prepare(block: Uint8Array): Uint8Array;
  /** The SHA-256 of the block followed by a hash, for the first `count` of those at `INNER_AT`, to `OUTER_AT`. */
  hashInner(prepared: Uint8Array, count: number): void;
  /** The first `count` pairs of hashes at `LEAVES_AT`, a multiple of four, into their nodes, which take their place. */
  hashPairs(count: number): void;
}>;

/** As many leaf hashes as there is room for, at `LEAVES_AT`, into those of the subtrees over a quarter of them each. */
export function foldLeaves(lanes: Sha256Lanes): void {
  for (let pairs = LANES_ROOM / 2; pairs >= FOLDED; pairs /= 2) lanes.hashPairs(pairs);
}

let opened: Sha256Lanes | undefined;

/** Those of this thread, made when they are first asked for. That takes some ten milliseconds. */
export function sha256Lanes(): Sha256Lanes {
  opened ??= openVectorLanes() ?? openPlainLanes();
  return opened;
}

/** What is used of the global, which TypeScript knows in browsers only. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};

type Exports = Readonly<{
  memory: { buffer: ArrayBuffer };
  makeMidstate(block: number): void;
  hashEnds(input: number, output: number, count: number): void;
  hashPairs(input: number, output: number, count: number): void;
}>;

/** Null where they cannot be had: without the processor's instructions, or address space for their memory. */
export function openVectorLanes(): Sha256Lanes | null {
  let exports: Exports;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(makeLanesModule())).exports as Exports;
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
      exports.hashEnds(INNER_AT, OUTER_AT, 4 * Math.ceil(count / 4));
    },
    hashPairs: (count) => exports.hashPairs(LEAVES_AT, LEAVES_AT, count),
  };
}

/** The same by `crypto.hash`, one after the other. */
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
