// Ways to make a Merkle tree over given leaf hashes.
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';
import { MerkleTree } from 'merkletreejs';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { hashNode } from '../../shared/merkle/hash.ts';

export type TreeName = 'ours' | 'merkletreejs' | 'openzeppelin';

/** Each gives a root in hex. `openzeppelin` does not give the RFC's: its tree is a heap of sorted pairs, Keccak-256. */
export function treeWays(leafHashes: readonly Buffer[]): Record<TreeName, () => string> {
  return {
    ours: () => {
      const range = new CompactRange();
      for (const leafHash of leafHashes) range.appendLeafHash(leafHash);
      return range.rootHex();
    },
    merkletreejs: () => rootOfMerkletreejs(leafHashes),
    openzeppelin: () => SimpleMerkleTree.of([...leafHashes], { sortLeaves: false }).root.slice(2),
  };
}

/**
 * merkletreejs gives a tree the RFC's shape: a last node without a sibling moves up as it is. It puts no prefix before
 * its hash inputs, so the hash function passed to it does.
 */
export function rootOfMerkletreejs(leafHashes: readonly Buffer[]): string {
  const hashPair = (pair: Buffer) => Buffer.from(hashNode(pair.subarray(0, 32), pair.subarray(32)));
  const tree = new MerkleTree([...leafHashes], hashPair as never, { hashLeaves: false });
  return tree.getRoot().toString('hex');
}
