// Verification of proofs in an RFC 6962 tree. Nothing here throws, whatever a proof holds: a proof that is damaged gives
// null or false. Each hash of a proof is used once and none is left over, so a root has one proof only.
import { CompactRange } from './compact-range.ts';
import { emptyRoot, HASH_SIZE, hashNode } from './hash.ts';
import {
  areIndexes,
  type CountBefore,
  consistencyRanges,
  countBeforeIn,
  countBeforeStretch,
  inclusionRanges,
  isStretch,
  isTreeSize,
  splitOf,
} from './proof-ranges.ts';

/** A leaf hash and the inclusion proof (RFC 6962 section 2.1.1) of the leaf at `index` in a tree of `size` leaves. */
export type Inclusion = Readonly<{
  index: number;
  size: number;
  leafHash: Uint8Array;
  /** The leaf's sibling first, the root's child last; 32 bytes each. */
  hashes: readonly Uint8Array[];
}>;

/** Two roots and the consistency proof (RFC 6962 section 2.1.2) between them. */
export type Consistency = Readonly<{
  oldSize: number;
  size: number;
  oldRoot: Uint8Array;
  root: Uint8Array;
  hashes: readonly Uint8Array[];
}>;

/** Leaf hashes at ascending indexes, and the roots of the subtrees that `multiproofRanges` lists. */
export type Multiproof = Readonly<{
  indexes: readonly number[];
  /** As many as indexes, 32 bytes each. */
  leafHashes: readonly Uint8Array[];
  size: number;
  hashes: readonly Uint8Array[];
}>;

/** Leaf hashes from the index `from` on without a gap, and the roots of the subtrees that `stretchRanges` lists. */
export type Stretch = Readonly<{
  from: number;
  leafHashes: readonly Uint8Array[];
  size: number;
  hashes: readonly Uint8Array[];
}>;

/** The root (32 bytes) that an inclusion proof gives; null where the numbers of leaves, hashes or bytes do not fit. */
export function rootFromInclusion({ index, size, leafHash, hashes }: Inclusion): Uint8Array | null {
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size) return null;
  const siblings = inclusionRanges(index, size);
  if (!isHash(leafHash) || !areHashes(hashes, siblings.length)) return null;
  return siblings.reduce((root, { begin }, at) => {
    const sibling = hashes[at] as Uint8Array;
    return begin > index ? hashNode(root, sibling) : hashNode(sibling, root);
  }, leafHash);
}

/** Whether the leaf is in the tree with this root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({ root, ...inclusion }: Inclusion & Readonly<{ root: Uint8Array }>): boolean {
  const calculated = rootFromInclusion(inclusion);
  return calculated !== null && isSame(calculated, root);
}

/**
 * Whether the tree with `root` begins with the leaves of the tree with `oldRoot` (RFC 9162 section 2.1.4.2). From the
 * empty tree and between equal sizes the proof has no hashes. The empty tree has no root but `SHA-256("")`.
 */
export function verifyConsistency({ oldSize, size, oldRoot, root, hashes }: Consistency): boolean {
  if (!isTreeSize(oldSize) || !isTreeSize(size) || oldSize > size) return false;
  const parts = consistencyRanges(oldSize, size);
  if (!isHash(oldRoot) || !isHash(root) || !areHashes(hashes, parts.length)) return false;
  if (oldSize === 0) return isSame(oldRoot, emptyRoot()) && (size > 0 || isSame(root, oldRoot));

  // The first part is the end of the old tree. Where it is missing, the old tree is a subtree of the new one.
  const startsInside = parts[0] !== undefined && parts[0].end <= oldSize;
  const start = startsInside ? (hashes[0] as Uint8Array) : oldRoot;
  let [oldCalculated, calculated] = [start, start];
  for (let at = startsInside ? 1 : 0; at < parts.length; at += 1) {
    const part = hashes[at] as Uint8Array;
    const isOld = (parts[at]?.end as number) <= oldSize;
    calculated = isOld ? hashNode(part, calculated) : hashNode(calculated, part);
    if (isOld) oldCalculated = hashNode(part, oldCalculated);
  }
  return isSame(oldCalculated, oldRoot) && isSame(calculated, root);
}

/**
 * The root (32 bytes) that leaves at any ascending indexes give with a multiproof; null where something is missing, left
 * over, out of order, out of range or of a wrong length. Without leaves it is the one hash that the proof then has,
 * which proves nothing about any leaf.
 */
export function rootFromMultiproof({ indexes, leafHashes, size, hashes }: Multiproof): Uint8Array | null {
  if (!areIndexes(indexes, size) || !areHashes(leafHashes, indexes.length)) return null;
  return rootFromParts(leafHashes, countBeforeIn(indexes), size, hashes);
}

/** As `rootFromMultiproof`, of the leaves `[from, from + leafHashes.length)`. */
export function rootFromStretch({ from, leafHashes, size, hashes }: Stretch): Uint8Array | null {
  const to = from + leafHashes.length;
  if (!isStretch(from, to, size) || !areHashes(leafHashes, leafHashes.length)) return null;
  return rootFromParts(leafHashes, countBeforeStretch(from, to), size, hashes);
}

function rootFromParts(
  leafHashes: readonly Uint8Array[],
  countBefore: CountBefore,
  size: number,
  hashes: readonly Uint8Array[],
): Uint8Array | null {
  if (!areHashes(hashes, hashes.length)) return null;
  let used = 0;
  const rootOver = (begin: number, end: number): Uint8Array | null => {
    const [first, last] = [countBefore(begin), countBefore(end)];
    if (last - first === end - begin) return rootOfLeaves(leafHashes.slice(first, last));
    if (first === last) {
      used += 1;
      return hashes[used - 1] ?? null;
    }
    const middle = begin + splitOf(end - begin);
    const left = rootOver(begin, middle);
    const right = left && rootOver(middle, end);
    return left && right && hashNode(left, right);
  };
  const root = rootOver(0, size);
  return used === hashes.length ? root : null;
}

function rootOfLeaves(leafHashes: readonly Uint8Array[]): Uint8Array {
  const range = new CompactRange();
  for (const leafHash of leafHashes) range.appendLeafHash(leafHash);
  return range.root();
}

function isHash(hash: Uint8Array): boolean {
  return hash instanceof Uint8Array && hash.length === HASH_SIZE;
}

function areHashes(hashes: readonly Uint8Array[], count: number): boolean {
  return hashes.length === count && hashes.every(isHash);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return isHash(b) && Buffer.compare(a, b) === 0;
}
