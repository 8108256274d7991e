// Proofs over trees, by recursion straight from RFC 6962 section 2.1 and from the definition of a multiproof.
import { createHash } from 'node:crypto';
import { naivePath, naiveRoot } from '../naive-merkle-tree.ts';

export const leavesOf = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text));

export function rootOf(texts: readonly string[]): Buffer {
  return Buffer.from(naiveRoot(leavesOf(texts)));
}

export const rootHexOf = (texts: readonly string[]): string => rootOf(texts).toString('hex');

/** The inclusion proof of the text at `index`. */
export function inclusionOf(texts: readonly string[], index: number): Buffer[] {
  return naivePath(index, leavesOf(texts)).map((hash) => Buffer.from(hash));
}

/** The hashes of the largest subtrees that hold none of the leaves at `indexes`, from left to right. */
export function multiproofOf(texts: readonly string[], indexes: readonly number[]): Buffer[] {
  const visit = (begin: number, end: number): Buffer[] => {
    const held = indexes.filter((index) => index >= begin && index < end);
    if (held.length === 0) return [rootOf(texts.slice(begin, end))];
    if (end - begin === 1) return [];
    let split = 1;
    while (split * 2 < end - begin) split *= 2;
    return [...visit(begin, begin + split), ...visit(begin + split, end)];
  };
  return texts.length === 0 ? [] : visit(0, texts.length);
}

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
