// Which subtrees a proof is made of. Provers read their roots, verifiers put them together: both take the shape of a
// proof from here, and from nowhere else. The model is github.com/transparency-dev/merkle, proof/.

/** The leaves `[begin, end)` of a subtree of an RFC 6962 section 2.1 tree. */
export type Subtree = Readonly<{ begin: number; end: number }>;

/** How many of a proof's own leaves stand before `index`, which is from 0 to the tree's size. */
export type CountBefore = (index: number) => number;

/** Whether a value is a size or an index of a tree: a whole number from 0 to 2^53 - 1. */
export function isTreeSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** RFC 6962 section 2.1: the largest power of two below `size`, which is 2 or more. It splits a tree of that size. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/**
 * The subtrees whose roots are the inclusion proof (RFC 6962 section 2.1.1) of the leaf at `index` in a tree of `size`
 * leaves: the leaf's sibling first, the root's child last. None for a tree of one leaf. Throws a RangeError where the
 * tree has no such leaf.
 */
export function inclusionRanges(index: number, size: number): Subtree[] {
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size) throw new RangeError('No such leaf');
  const siblings: Subtree[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (index < middle) {
      siblings.push({ begin: middle, end });
      end = middle;
    } else {
      siblings.push({ begin, end: middle });
      begin = middle;
    }
  }
  return siblings.reverse();
}

/**
 * The subtrees whose roots are the consistency proof (RFC 6962 section 2.1.2) from the tree of `oldSize` leaves to that
 * of `size`, in its order. None where the sizes are equal, and none from the empty tree, which every tree extends.
 * Throws a RangeError where the old tree is the larger one.
 */
export function consistencyRanges(oldSize: number, size: number): Subtree[] {
  if (!isTreeSize(oldSize) || !isTreeSize(size) || oldSize > size) throw new RangeError('No older tree');
  if (oldSize === 0) return [];
  const parts: Subtree[] = [];
  let [begin, end] = [0, size];
  while (oldSize < end) {
    const middle = begin + splitOf(end - begin);
    if (oldSize <= middle) {
      parts.push({ begin: middle, end });
      end = middle;
    } else {
      parts.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The old tree itself is known to the verifier. Only a part of it is not.
  if (begin > 0) parts.push({ begin, end });
  return parts.reverse();
}

/**
 * The subtrees whose roots are the multiproof of the leaves at `indexes` (ascending, each once) in a tree of `size`
 * leaves: the largest subtrees, as RFC 6962 splits a tree, that hold none of them, from left to right. Without indexes
 * this is the whole tree. Throws a RangeError where the indexes are not such.
 */
export function multiproofRanges(indexes: readonly number[], size: number): Subtree[] {
  if (!areIndexes(indexes, size)) throw new RangeError('No ascending indexes of leaves of this tree');
  return otherSubtrees(countBeforeIn(indexes), size);
}

/**
 * The multiproof's subtrees for the leaves `[from, to)`, without a list of them. Where `from` equals `to` this is the
 * whole tree. Throws a RangeError where the tree has no such stretch.
 */
export function stretchRanges(from: number, to: number, size: number): Subtree[] {
  if (!isStretch(from, to, size)) throw new RangeError('No stretch of this tree');
  return otherSubtrees(countBeforeStretch(from, to), size);
}

/** Whether `indexes` are ascending, each there once, and below `size`. */
export function areIndexes(indexes: readonly number[], size: number): boolean {
  if (!isTreeSize(size)) return false;
  let before = -1;
  for (const index of indexes) {
    if (!isTreeSize(index) || index <= before) return false;
    before = index;
  }
  return before < size;
}

/** Whether `[from, to)` is a stretch, maybe an empty one, of a tree of `size` leaves. */
export function isStretch(from: number, to: number, size: number): boolean {
  return [from, to, size].every(isTreeSize) && from <= to && to <= size;
}

/** For leaves at ascending indexes. */
export function countBeforeIn(indexes: readonly number[]): CountBefore {
  return (index) => {
    let [low, high] = [0, indexes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((indexes[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** For the leaves `[from, to)`. */
export function countBeforeStretch(from: number, to: number): CountBefore {
  return (index) => Math.min(Math.max(index, from), to) - from;
}

function otherSubtrees(countBefore: CountBefore, size: number): Subtree[] {
  const others: Subtree[] = [];
  const visit = (begin: number, end: number) => {
    const held = countBefore(end) - countBefore(begin);
    if (held === end - begin) return;
    if (held === 0) {
      others.push({ begin, end });
      return;
    }
    const middle = begin + splitOf(end - begin);
    visit(begin, middle);
    visit(middle, end);
  };
  visit(0, size);
  return others;
}
