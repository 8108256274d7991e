// Roots over a whole list of leaves, for callers that hold them all.
import { CompactRange } from './compact-range.ts';
import { hashLeaf } from './hash.ts';

/** RFC 6962 section 2.1 root over leaf data in order; `SHA-256("")` when there is none. */
export function computeRoot(leaves: Iterable<Uint8Array>): Uint8Array {
  const range = new CompactRange();
  for (const leaf of leaves) range.appendLeafHash(hashLeaf(leaf));
  return range.root();
}
