// Trees whose roots are computed once, and the ways in which a list of hashes can be damaged.
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { naiveRoot } from './naive-merkle-tree.ts';

/** Leaves that differ in their text. */
export const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => Buffer.from(`leaf ${i}`));

/** As `leafHashes` of `proveFrom` wants it. */
export function hashesOf(leaves: readonly Uint8Array[]): (begin: number, end: number) => Uint8Array {
  const hashes = leaves.map(hashLeaf);
  return (begin, end) => Buffer.concat(hashes.slice(begin, end));
}

/** `naiveRoot` that remembers the trees of `leavesOf`. They are told apart by their first leaf and their size. */
export function rememberRoots(): typeof naiveRoot {
  const known = new Map<string, Uint8Array>();
  return (leaves) => {
    const key = `${leaves[0]} ${leaves.length}`;
    const root = known.get(key) ?? naiveRoot(leaves);
    known.set(key, root);
    return root;
  };
}

/** A copy with one bit changed. */
export function flipBit(hash: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(hash);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** Every way to damage a proof's hashes, by its name. Whatever root the whole hashes give, these must not. */
export function damagedHashes(hashes: readonly Uint8Array[]): [damage: string, hashes: Uint8Array[]][] {
  const damaged: [string, Uint8Array[]][] = [
    ['one more hash at the end', [...hashes, new Uint8Array(32)]],
    ['one more hash at the start', [new Uint8Array(32), ...hashes]],
    ['an empty hash at the end', [...hashes, new Uint8Array(0)]],
  ];
  for (const [at, hash] of hashes.entries()) {
    const put = (...others: Uint8Array[]) => hashes.toSpliced(at, 1, ...others);
    damaged.push(
      [`hash ${at} with bit ${(at * 37) % 256} flipped`, put(flipBit(hash, (at * 37) % 256))],
      [`hash ${at} missing`, put()],
      [`hash ${at} twice`, put(hash, hash)],
      [`hash ${at} empty`, put(new Uint8Array(0))],
      [`hash ${at} a byte short`, put(hash.subarray(1))],
      [`hash ${at} with a byte behind it`, put(Buffer.concat([hash, Buffer.of(0)]))],
    );
  }
  if (hashes.length > 0) damaged.push(['no hashes', []]);
  const [first, second] = hashes;
  if (first && second) {
    damaged.push(['the first two hashes swapped', [second, first, ...hashes.slice(2)]]);
    damaged.push(['two hashes in one', [Buffer.concat([first, second]), ...hashes.slice(2)]]);
  }
  return damaged;
}
