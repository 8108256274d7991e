// The quick check of a run of scanned entries: every link and every HMAC, with the short hashes of many entries at a
// time. It answers only "yes" or "cannot tell"; the full check goes entry by entry.
import { HASH_SIZE } from '../merkle/hash.ts';
import { LEAVES_AT, OUTER_AT, type Sha256Lanes } from '../merkle/sha256-lanes.ts';
import { type ChainHasher, sameDigits, spellsDigest } from './chain.ts';
import type { ScannedEntry } from './scan-entry.ts';

/**
 * At most `LANES_ROOM` entries whose scan said yes: entry `i` is `bytes[begins[at + i], ends[at + i])`, its scan
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
 * True only if each entry is signed and each but the first follows the one before it. The caller compares what the
 * first one follows. On true, the entries' hashes begin at `OUTER_AT` and their leaf hashes at `LEAVES_AT`.
 */
export function checkRun(lanes: Sha256Lanes, hasher: ChainHasher, run: Run): boolean {
  const { bytes, view, begins, ends, at, scanned, from, count } = run;
  const { memory } = lanes;
  for (let i = 0; i < count; i += 1) {
    const begin = begins[at + i] as number;
    const { prevHashAt, thisHashAt } = scanned[from + i] as ScannedEntry;
    if (i > 0 && !sameDigits(view, prevHashAt, (scanned[from + i - 1] as ScannedEntry).thisHashAt))
      return false;
    // The loop below proves that these digits spell the hash of the entry before, by comparing them with that entry's
    // own.
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
