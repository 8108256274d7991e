// The quick check of usual entries that follow each other, after their scan: every link and HMAC between and of them, their
// short hashes many at a time. It only ever says "yes" or "cannot tell"; the full check is entry by entry.
import { HASH_SIZE } from '../merkle/hash.ts';
import { LEAVES_AT, OUTER_AT, type Sha256Lanes } from '../merkle/sha256-lanes.ts';
import { type ChainHasher, sameDigits, spellsDigest } from './chain.ts';
import type { ScannedEntry } from './scan-entry.ts';

/**
 * At most `LANES_ROOM` entries that were scanned as usual: entry `i` is `bytes[begins[at + i], ends[at + i])`, its scan
 * `scanned[from + i]`.
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
 * True only if each entry is signed and each but the first follows the one before it; what the first follows is the
 * caller's to compare. Then their hashes stand from `OUTER_AT` on, and their leaf hashes from `LEAVES_AT` on.
 */
export function checkRun(lanes: Sha256Lanes, hasher: ChainHasher, run: Run): boolean {
  const { bytes, view, begins, ends, at, scanned, from, count } = run;
  const { memory } = lanes;
  for (let i = 0; i < count; i += 1) {
    const begin = begins[at + i] as number;
    const { prevHashAt, thisHashAt } = scanned[from + i] as ScannedEntry;
    if (i > 0 && !sameDigits(view, prevHashAt, (scanned[from + i - 1] as ScannedEntry).thisHashAt))
      return false;
    // What these digits spell is proved to be the hash of the entry before by that entry's own digits, below.
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
