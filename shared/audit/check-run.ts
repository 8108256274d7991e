// The quick check of a run of scanned entries: every link and every HMAC, with the short hashes of many entries at a
// time. It answers only "yes" or "cannot tell"; the full check goes entry by entry.
import { HASH_SIZE } from '../merkle/hash.ts';
import { LEAVES_AT, OUTER_AT, type Sha256Lanes } from '../merkle/sha256-lanes.ts';
import { type ChainHasher, sameDigits, spellsDigest } from './chain.ts';
import type { ScannedEntry } from './scan-entry.ts';

/**
 * Consecutive entries whose scan said yes, at most `LANES_ROOM`. Entry `i` is `bytes[begins[at + i], ends[at + i])` and
 * has the scan `scanned[from + i]`.
 */
export type Run = Readonly<{
  bytes: Buffer;
  view: DataView;
  begins: readonly number[];
  ends: readonly number[];
  at: number;
  scanned: readonly ScannedEntry[];
  from: number;
  count: number;
}>;

/**
 * True only if each `this_hash` is its entry's HMAC, and each `prev_hash` but the first is the `this_hash` before it.
 * The caller compares the first one. On true, the entries' hashes begin at `OUTER_AT` and their leaf hashes at
 * `LEAVES_AT`. False says nothing.
 */
export function checkRun(lanes: Sha256Lanes, hasher: ChainHasher, run: Run): boolean {
  const { bytes, view, begins, ends, at, scanned, from, count } = run;
  const { memory } = lanes;
  for (let i = 0; i < count; i += 1) {
    const begin = begins[at + i] as number;
    const { prevHashAt, thisHashAt } = scanned[from + i] as ScannedEntry;
    if (i > 0 && !sameDigits(view, prevHashAt, (scanned[from + i - 1] as ScannedEntry).thisHashAt))
      return false;
    // These digits equal the `this_hash` of the entry before, which the loop below compares with that entry's HMAC.
    hasher.beginAfter(bytes, prevHashAt);
    hasher.add(bytes, begin, ends[at + i] as number);
    hasher.writeLeafHash(memory, LEAVES_AT + i * HASH_SIZE);
    hasher.cutHash(thisHashAt - begin);
    hasher.cutHash(prevHashAt - begin);
    hasher.finishInner(lanes, i);
  }
  hasher.finishMany(lanes, count);
  for (let i = 0; i < count; i += 1) {
    const { thisHashAt } = scanned[from + i] as ScannedEntry;
    if (!spellsDigest(view, thisHashAt, memory, OUTER_AT + i * HASH_SIZE)) return false;
  }
  return true;
}
