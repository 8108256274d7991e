// Compact ranges (github.com/transparency-dev/merkle, docs/compact_ranges.md): how a tree is hashed in constant memory,
// and in parts by several threads. Imports nothing of ours but the hashes.
import { emptyRoot, foldPair, HASH_SIZE, hashNode } from './hash.ts';

/**
 * A compact range as plain data, to be sent between threads: `peaks` holds the root of each subtree that `peakSizes`
 * names, 32 bytes each, end to end. An empty range has none.
 */
export type RangePeaks = Readonly<{ begin: number; end: number; peaks: Uint8Array }>;

// A range of 2^53 leaves has at most 53 peaks that grow from left to right, then 53 that shrink. One more is the leaf
// that is being appended.
const SLAB_HASHES = 2 * 53 + 1;

/** Room at first, enough for the first million leaves of a tree: it comes from Node's pool, which a full slab does not. */
const FIRST_HASHES = 21;

/**
 * A compact range: the fewest subtree roots ("peaks") that cover the leaves `[begin, end)` of an RFC 6962 section 2.1
 * tree. It grows at its end by leaf hashes, by whole subtrees, or by the range that follows. It holds 107 hashes at
 * most, however many leaves it covers (up to 2^53).
 *
 * It stores hashes as they are given and cannot check them. The caller appends the leaves in their order.
 */
export class CompactRange {
  /** Index of the first leaf. */
  readonly begin: number;
  #end: number;
  #depth = 0;
  #slab: Buffer;
  /** By depth: a view of the last two peaks and of the byte before them, as `foldPair` needs it. */
  readonly #pairs: Buffer[] = [];

  /** Makes an empty range: the next leaf is the one at index `begin`. */
  constructor(begin = 0) {
    this.begin = begin;
    this.#end = begin;
    this.#slab = Buffer.allocUnsafe(1 + FIRST_HASHES * HASH_SIZE);
  }

  /**
   * One spare byte, then the peaks from left to right. A caller writes a leaf hash at `nextOffset` and nothing else. Each
   * append may change it.
   */
  get slab(): Buffer {
    return this.#slab;
  }

  /** Index after the last leaf; equal to `begin` for an empty range. */
  get end(): number {
    return this.#end;
  }

  /** Offset in `slab` where the next leaf hash is written before `commitLeaf`. Each append changes it. */
  get nextOffset(): number {
    return 1 + this.#depth * HASH_SIZE;
  }

  /** Appends the leaf hash that the caller wrote at `nextOffset`. */
  commitLeaf(): void {
    this.#commit(this.#end, 1);
  }

  /** Appends one leaf hash of 32 bytes. */
  appendLeafHash(leafHash: Uint8Array): void {
    this.#slab.set(leafHash, this.nextOffset);
    this.commitLeaf();
  }

  /**
   * Appends `count` subtrees of `width` leaves each, a power of two. Their roots stand in `bytes` from `at` on, 32
   * bytes each. Throws a RangeError if `end` is no multiple of `width`: no subtree of that width begins there.
   */
  appendSubtrees(bytes: Buffer, at: number, count: number, width: number): void {
    if (this.#end % width !== 0) throw new RangeError('A subtree of this width does not start here');
    for (let i = 0; i < count; i += 1) {
      bytes.copy(this.#slab, this.nextOffset, at + i * HASH_SIZE, at + (i + 1) * HASH_SIZE);
      this.#commit(this.#end, width);
    }
  }

  /** Appends a range that another CompactRange returned. Throws a RangeError unless it begins where this one ends. */
  append(next: RangePeaks): void {
    if (next.begin !== this.#end)
      throw new RangeError('A compact range can only be followed by its neighbour');
    let at = next.begin;
    for (const [index, size] of peakSizes(next.begin, next.end).entries()) {
      this.#slab.set(next.peaks.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE), this.nextOffset);
      this.#commit(at, size);
      at += size;
    }
  }

  /** Returns the range as plain data, a copy. */
  peaks(): RangePeaks {
    return {
      begin: this.begin,
      end: this.#end,
      peaks: Uint8Array.from(this.#slab.subarray(1, this.nextOffset)),
    };
  }

  /**
   * RFC 6962 section 2.1 root over the leaves `[0, end)`, 32 bytes. An empty range has the empty tree's root,
   * `SHA-256("")`. Throws a RangeError unless the range begins at leaf 0.
   */
  root(): Uint8Array {
    if (this.begin !== 0) throw new RangeError('Only a range from leaf 0 has a root');
    if (this.#depth === 0) return emptyRoot();
    let root = this.#peak(this.#depth - 1);
    for (let i = this.#depth - 2; i >= 0; i -= 1) root = hashNode(this.#peak(i), root);
    return root;
  }

  /** `root()` as 64 lower-case hex digits. */
  rootHex(): string {
    return Buffer.from(this.root()).toString('hex');
  }

  #peak(index: number): Uint8Array {
    const at = 1 + index * HASH_SIZE;
    return Uint8Array.from(this.#slab.subarray(at, at + HASH_SIZE));
  }

  /**
   * Takes the hash at `nextOffset` as the peak over `[at, at + size)`. Folds the last peak with its left sibling as
   * long as the range covers that sibling.
   */
  #commit(at: number, size: number): void {
    let width = size;
    // Index among the subtrees of this width; odd for a right child.
    let index = at / size;
    this.#depth += 1;
    while (index % 2 === 1 && (index - 1) * width >= this.begin) {
      this.#depth -= 1;
      this.#foldLast();
      index = (index - 1) / 2;
      width *= 2;
    }
    this.#end = at + size;
    if (this.nextOffset + HASH_SIZE > this.#slab.length) this.#growSlab();
  }

  #growSlab(): void {
    const larger = Buffer.allocUnsafe(1 + SLAB_HASHES * HASH_SIZE);
    larger.set(this.#slab);
    this.#slab = larger;
    this.#pairs.length = 0;
  }

  /** Replaces the last two peaks, of which `#depth` no longer counts the right one, by their parent. */
  #foldLast(): void {
    const at = (this.#depth - 1) * HASH_SIZE;
    this.#pairs[this.#depth] ??= this.#slab.subarray(at, at + 1 + 2 * HASH_SIZE);
    foldPair(this.#pairs[this.#depth] as Buffer);
  }
}

/**
 * Leaves under each peak of the compact range `[begin, end)`, left to right: the largest power of two that divides the
 * peak's first index and does not pass `end`. No sizes for an empty range.
 */
export function peakSizes(begin: number, end: number): number[] {
  const sizes: number[] = [];
  for (let at = begin; at < end; ) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 <= end) size *= 2;
    sizes.push(size);
    at += size;
  }
  return sizes;
}
