// Reproducible randomness: one seed text, one sequence.
import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import { ID_PREFIXES, type IdKind } from '../../shared/audit/ids.ts';

export type Random = Readonly<{
  /** In [0, 1). */
  next(): number;
  /** A whole number in [min, max]. */
  whole(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  /** One of the items, each as likely as its weight. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
  id(kind: IdKind, atMs: number): string;
}>;

/** Mulberry32, seeded from a hash of the text. */
export function createRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  return {
    next,
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick,
    weighted(items) {
      let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return pick(items)[0];
    },
    id: (kind, atMs) => `${ID_PREFIXES[kind]}_${ulid(atMs, next)}`,
  };
}
