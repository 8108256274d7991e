// Root over a whole list of leaves, for a caller that holds them all.
import { CompactRange } from './compact-range.ts';
import { hashLeaf } from './hash.ts';

/** RFC 6962 section 2.1 root over the leaves' bytes in order, 32 bytes. No leaves have the root `SHA-256("")`. */
export function computeRoot(leaves: Iterable<Uint8Array>): Uint8Array {
  const range = new CompactRange();
  for (const leaf of leaves) range.appendLeafHash(hashLeaf(leaf));
  return range.root();
}
