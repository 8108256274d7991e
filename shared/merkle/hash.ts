// Node and leaf hashes of RFC 6962 section 2.1, SHA-256. Imports nothing of ours.
import { hash } from 'node:crypto';

/** Bytes of a hash. */
export const HASH_SIZE = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// `crypto.hash` returning a binary string that is then written into memory we own costs half of what it costs to be
// handed a new Buffer, and hashing one fixed view of a scratch area spares a view per call.
const nodeInput = Buffer.allocUnsafeSlow(1 + 2 * HASH_SIZE);
nodeInput[0] = NODE_PREFIX;

const LEAF_SCRATCH = 4096;
const leafInput = Buffer.allocUnsafeSlow(LEAF_SCRATCH);
leafInput[0] = LEAF_PREFIX;
const leafViews: Buffer[] = [];

/** Leaf hash of one entry's bytes: `SHA-256(0x00 || data)`. */
export function hashLeaf(data: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + data.length);
  input[0] = LEAF_PREFIX;
  input.set(data, 1);
  return sha256(input);
}

/** Writes the leaf hash of `bytes[begin, end)` into `slab` at `offset`, without allocating. */
export function writeLeafHash(bytes: Buffer, begin: number, end: number, slab: Buffer, offset: number): void {
  const length = 1 + end - begin;
  if (length > LEAF_SCRATCH) {
    slab.set(hashLeaf(bytes.subarray(begin, end)), offset);
    return;
  }
  bytes.copy(leafInput, 1, begin, end);
  leafViews[length] ??= leafInput.subarray(0, length);
  slab.write(hash('sha256', leafViews[length] as Buffer, 'binary'), offset, 'binary');
}

/** Node hash of two hashes: `SHA-256(0x01 || left || right)`. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_SIZE);
  return sha256(nodeInput);
}

/** Root of the empty tree: `SHA-256("")`. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/**
 * Hashes the two adjacent hashes at `offset` of `slab` into their parent, written over the left one.
 */
export function foldPair(slab: Buffer, offset: number): void {
  slab.copy(nodeInput, 1, offset, offset + 2 * HASH_SIZE);
  slab.write(hash('sha256', nodeInput, 'binary'), offset, 'binary');
}

function sha256(input: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafeSlow(HASH_SIZE);
  out.write(hash('sha256', input, 'binary'), 'binary');
  return out;
}
