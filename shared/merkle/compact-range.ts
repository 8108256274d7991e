// A compact range: the fewest subtree roots ("peaks") that cover the leaves [begin, end) of an RFC 6962 tree. Leaves
// and subtrees are appended in constant memory, and ranges that touch compose, which is how threads share one tree.
// Imports nothing of ours but the hashes.
import { emptyRoot, foldPair, HASH_SIZE, hashNode } from './hash.ts';

/** What a range is once it is sent between threads: peaks from left to right, 32 bytes each, end to end. */
export type RangePeaks = Readonly<{ begin: number; end: number; peaks: Uint8Array }>;

// 2^53 leaves have at most 53 peaks on each side of the range's highest point; one more for the leaf being added.
const SLAB_HASHES = 2 * 53 + 1;

export class CompactRange {
  readonly begin: number;
  #end: number;
  #depth = 0;
  /** Hashes of the peaks, left to right, behind a first byte. Leaf hashes are written at `nextOffset`. */
  readonly slab: Buffer;
  /** By depth: the byte before a pair of hashes, and the pair. */
  readonly #pairs: Buffer[] = [];

  /** An empty range that starts at leaf `begin`. */
  constructor(begin = 0) {
    this.begin = begin;
    this.#end = begin;
    this.slab = Buffer.allocUnsafeSlow(1 + SLAB_HASHES * HASH_SIZE);
  }

  /** Leaves up to here, exclusive. */
  get end(): number {
    return this.#end;
  }

  /** Where in `slab` the next leaf hash is to be written before `commitLeaf`. */
  get nextOffset(): number {
    return 1 + this.#depth * HASH_SIZE;
  }

  /** Appends the leaf hash that was written at `nextOffset`. */
  commitLeaf(): void {
    this.#commit(this.#end, 1);
  }

  appendLeafHash(leafHash: Uint8Array): void {
    this.slab.set(leafHash, this.nextOffset);
    this.commitLeaf();
  }

  /** Appends `count` subtrees of `width` leaves each, a power of two, whose hashes stand in `bytes` from `at` on. */
  appendSubtrees(bytes: Buffer, at: number, count: number, width: number): void {
    if (this.#end % width !== 0) throw new RangeError('A subtree of this width does not start here');
    for (let i = 0; i < count; i += 1) {
      bytes.copy(this.slab, this.nextOffset, at + i * HASH_SIZE, at + (i + 1) * HASH_SIZE);
      this.#commit(this.#end, width);
    }
  }

  /** Appends a range that starts where this one ends. */
  append(next: RangePeaks): void {
    if (next.begin !== this.#end)
      throw new RangeError('A compact range can only be followed by its neighbour');
    let at = next.begin;
    for (const [index, size] of peakSizes(next.begin, next.end).entries()) {
      this.slab.set(next.peaks.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE), this.nextOffset);
      this.#commit(at, size);
      at += size;
    }
  }

  peaks(): RangePeaks {
    return {
      begin: this.begin,
      end: this.#end,
      peaks: Uint8Array.from(this.slab.subarray(1, this.nextOffset)),
    };
  }

  /** RFC 6962 root over the leaves `[0, end)`; only a range that begins at 0 has one. */
  root(): Uint8Array {
    if (this.begin !== 0) throw new RangeError('Only a range from leaf 0 has a root');
    if (this.#depth === 0) return emptyRoot();
    let root = this.#peak(this.#depth - 1);
    for (let i = this.#depth - 2; i >= 0; i -= 1) root = hashNode(this.#peak(i), root);
    return root;
  }

  rootHex(): string {
    return Buffer.from(this.root()).toString('hex');
  }

  #peak(index: number): Uint8Array {
    const at = 1 + index * HASH_SIZE;
    return Uint8Array.from(this.slab.subarray(at, at + HASH_SIZE));
  }

  /**
   * Takes the hash at `nextOffset` as the peak over `[at, at + size)` and folds it with its left sibling for as long
   * as that sibling lies inside the range.
   */
  #commit(at: number, size: number): void {
    let width = size;
    // Place among the subtrees of this width, which stays an integer; a right child's is odd.
    let index = at / size;
    this.#depth += 1;
    while (index % 2 === 1 && (index - 1) * width >= this.begin) {
      this.#depth -= 1;
      this.#foldLast();
      index = (index - 1) / 2;
      width *= 2;
    }
    this.#end = at + size;
  }

  /** Makes the last peak and the one behind it their parent. */
  #foldLast(): void {
    const at = (this.#depth - 1) * HASH_SIZE;
    this.#pairs[this.#depth] ??= this.slab.subarray(at, at + 1 + 2 * HASH_SIZE);
    foldPair(this.#pairs[this.#depth] as Buffer);
  }
}

/** Sizes of the peaks over `[begin, end)`, left to right: each the largest aligned power of two that fits. */
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
