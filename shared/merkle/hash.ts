// Leaf and node hashes of RFC 6962 section 2.1 (RFC 9162 section 2.1.1 keeps them), SHA-256. Imports nothing of ours
// but `hashInto`.
import { hashInto } from './hash-into.ts';

/** Bytes of a hash. */
export const HASH_SIZE = 32;

/** First byte of a leaf hash's input (RFC 6962 section 2.1). It keeps leaves apart from nodes. */
export const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// Views of scratch memory that live as long as the thread: creating a view for each call costs a tenth of a hash.
const nodeInput = Buffer.allocUnsafeSlow(1 + 2 * HASH_SIZE);
nodeInput[0] = NODE_PREFIX;

const LEAF_SCRATCH = 4096;
const leafInput = Buffer.allocUnsafeSlow(LEAF_SCRATCH);
leafInput[0] = LEAF_PREFIX;
/** By length. */
const leafViews: Buffer[] = [];

/** Leaf hash of any bytes, also of none: `SHA-256(0x00 || data)`, 32 bytes. */
export function hashLeaf(data: Uint8Array): Uint8Array {
  const length = 1 + data.length;
  if (length <= LEAF_SCRATCH) {
    leafInput.set(data, 1);
    return sha256(leafView(length));
  }
  const input = new Uint8Array(length);
  input[0] = LEAF_PREFIX;
  input.set(data, 1);
  return sha256(input);
}

/**
 * Writes the leaf hash of `bytes[begin, end)` into `slab` at `offset`. Allocates nothing for an entry below 4 KiB.
 * Throws a RangeError where the hash does not fit.
 */
export function writeLeafHash(bytes: Buffer, begin: number, end: number, slab: Buffer, offset: number): void {
  const length = 1 + end - begin;
  if (length > LEAF_SCRATCH) {
    slab.set(hashLeaf(bytes.subarray(begin, end)), offset);
    return;
  }
  bytes.copy(leafInput, 1, begin, end);
  hashInto(leafView(length), slab, offset);
}

/** The first bytes of the scratch memory: the prefix and a leaf. */
function leafView(length: number): Buffer {
  leafViews[length] ??= leafInput.subarray(0, length);
  return leafViews[length];
}

/** Node hash of two hashes of 32 bytes each: `SHA-256(0x01 || left || right)`, 32 bytes. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_SIZE);
  return sha256(nodeInput);
}

/** Root of the empty tree (RFC 6962 section 2.1): `SHA-256("")`, 32 bytes. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/**
 * Replaces two adjacent hashes by their node hash, written over the left one. `view` is 65 bytes: any byte, then the
 * two hashes. Lends the first byte to the node prefix and restores it, so that nothing is copied.
 */
export function foldPair(view: Buffer): void {
  const borrowed = view[0] as number;
  view[0] = NODE_PREFIX;
  hashInto(view, view, 1);
  view[0] = borrowed;
}

function sha256(input: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafeSlow(HASH_SIZE);
  hashInto(input, out, 0);
  return out;
}
