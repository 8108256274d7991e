// The Merkle tree hash as RFC 6962 section 2.1 defines it, and its audit paths and consistency proofs (2.1.1, 2.1.2),
// word for word: slow, obvious, and the judge of the fast ones.
import { createHash } from 'node:crypto';

type Leaves = readonly Uint8Array[];

export function naiveRoot(leaves: Leaves): Uint8Array {
  if (leaves.length === 0) return sha256();
  const [only] = leaves;
  if (leaves.length === 1 && only) return sha256(Uint8Array.of(0x00), only);
  const k = splitBelow(leaves.length);
  return sha256(Uint8Array.of(0x01), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D[n]); `root` is MTH, given by a test that keeps the roots that it has seen. */
export function naivePath(m: number, leaves: Leaves, root = naiveRoot): Uint8Array[] {
  const n = leaves.length;
  if (n === 1) return [];
  const k = splitBelow(n);
  if (m < k) return [...naivePath(m, leaves.slice(0, k), root), root(leaves.slice(k))];
  return [...naivePath(m - k, leaves.slice(k), root), root(leaves.slice(0, k))];
}

/** PROOF(m, D[n]), 0 < m < n. */
export function naiveProof(m: number, leaves: Leaves, root = naiveRoot): Uint8Array[] {
  return naiveSubproof(m, leaves, true, root);
}

/** SUBPROOF(m, D[n], b). */
function naiveSubproof(m: number, leaves: Leaves, b: boolean, root: typeof naiveRoot): Uint8Array[] {
  const n = leaves.length;
  if (m === n) return b ? [] : [root(leaves)];
  const k = splitBelow(n);
  if (m <= k) return [...naiveSubproof(m, leaves.slice(0, k), b, root), root(leaves.slice(k))];
  return [...naiveSubproof(m - k, leaves.slice(k), false, root), root(leaves.slice(0, k))];
}

/** The largest power of two smaller than n. */
function splitBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
