// Counts by name as `[name, count]` pairs. Any name is legal, so names are kept in Maps and pairs, never as properties.
import type { CountPair } from './verdict.ts';

/** Adds pairs to `counts` in place. Leaves out a pair whose count is not above zero. */
export function addPairs<Name>(
  counts: Map<Name, number>,
  pairs: readonly (readonly [name: Name, count: number])[],
): void {
  for (const [name, count] of pairs) if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
}

/** A sorted copy of pairs with distinct names, in the order of canonical JSON: UTF-16 code units. */
export function sortByName(pairs: Iterable<CountPair>): CountPair[] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}
