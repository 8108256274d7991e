// Proofs by a caller that can read all leaf hashes of a tree.
import { CompactRange } from './compact-range.ts';
import { HASH_SIZE } from './hash.ts';
import type { Subtree } from './proof-ranges.ts';

/** Leaf hashes asked for at once: 128 KiB. */
const BLOCK = 4096;

/**
 * The hashes of a proof: the root of each range that a function of `proof-ranges.ts` listed, 32 bytes each, in order.
 * `leafHashes` returns the leaf hashes `[begin, end)` end to end, of at most 4,096 leaves a call. Throws a RangeError
 * where it returns another number of bytes.
 */
export function proveFrom(
  ranges: readonly Subtree[],
  leafHashes: (begin: number, end: number) => Uint8Array,
): Uint8Array[] {
  return ranges.map(({ begin, end }) => {
    // An RFC 6962 subtree is split as a tree of its own, wherever it begins.
    const tree = new CompactRange();
    for (let at = begin; at < end; at += BLOCK) {
      const count = Math.min(BLOCK, end - at);
      const block = leafHashes(at, at + count);
      if (block.length !== count * HASH_SIZE) throw new RangeError('Not the hashes of these leaves');
      tree.appendSubtrees(Buffer.from(block.buffer, block.byteOffset, block.length), 0, count, 1);
    }
    return tree.root();
  });
}
