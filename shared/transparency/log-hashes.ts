// Hashes of an account log's subtrees, read from its tiles and segments: a proof takes a few documents, however long the
// log is.

import { CompactRange, peakSizes } from '../merkle/compact-range.ts';
import { HASH_SIZE, hashNode, writeLeafHash } from '../merkle/hash.ts';
import type { Subtree } from '../merkle/proof-ranges.ts';
import { foldPairs, sha256Lanes } from '../merkle/sha256-lanes.ts';
import { LOG_SEGMENT_SIZE } from './log-rows.ts';
import type { LogSegments } from './log-segments.ts';
import { HALF_LEVEL, type LogTiles, TILE_HASHES, type TileName, tileKey } from './log-tiles.ts';

export type HashDeps = Readonly<{ segments: Pick<LogSegments, 'read'>; tiles: Pick<LogTiles, 'read'> }>;

/** The log lacks entries that it had: no proof can be made of it. The message holds nothing of an entry. */
export class DamagedLog extends Error {}

/** A tile, and how many of its hashes are wanted. */
type Wanted = TileName & { width: number };

/** Hashes `[first, first + count)` of a tile, end to end. Those of level 0 are made as they are asked for. */
type HashesOf = (first: number, count: number) => Buffer;

/**
 * The root over the leaves of each range (RFC 6962 section 2.1), 32 bytes. Rejects with `DamagedLog` where the log does not
 * hold all of these leaves.
 */
export async function rootsOf(
  deps: HashDeps,
  accountId: string,
  ranges: readonly Subtree[],
): Promise<Uint8Array[]> {
  const hasOneSegment = ranges.every(({ end }) => end <= LOG_SEGMENT_SIZE);
  const peaks = ranges.map((range) => peaksOf(range, hasOneSegment));
  const tiles = await readTiles(
    deps,
    accountId,
    peaks.flat().map(({ tile, first, count }) => ({ ...tile, width: first + count })),
  );
  return peaks.map((parts) => {
    const roots = parts.map(({ tile, first, count }) =>
      foldHashes((tiles.get(tileKey(tile)) as HashesOf)(first, count), 0, count),
    );
    return roots.reduceRight((right, left) => hashNode(left, right));
  });
}

/** Hashes `[0, width)` of a tile. Rejects as `rootsOf` does. */
export async function tileHashes(
  deps: HashDeps,
  accountId: string,
  name: TileName,
  width: number,
): Promise<Buffer> {
  const tiles = await readTiles(deps, accountId, [{ ...name, width }]);
  return (tiles.get(tileKey(name)) as HashesOf)(0, width);
}

/**
 * The root over the first `size` leaves, 32 bytes. Leaves from `from` on are hashed from their entries: a tile above them may
 * be older than what stands there. Rejects as `rootsOf` does.
 */
export async function rootFrom(
  deps: HashDeps & Readonly<{ segments: Pick<LogSegments, 'readOn'> }>,
  accountId: string,
  { from, size }: Readonly<{ from: number; size: number }>,
): Promise<Uint8Array> {
  const firstSegment = Math.floor(Math.min(from, size) / LOG_SEGMENT_SIZE);
  const begin = firstSegment * LOG_SEGMENT_SIZE;
  const range = await storedRange(deps, accountId, begin);
  if (begin < size) {
    for await (const { entries } of deps.segments.readOn(accountId, firstSegment)) {
      const hashes = hashLeaves(entries.slice(0, size - range.end));
      range.appendSubtrees(hashes, 0, hashes.length / HASH_SIZE, 1);
      if (range.end === size) break;
    }
  }
  if (range.end < size) throw new DamagedLog(`The log of ${accountId} lacks entries`);
  return range.root();
}

/** The range of the first `end` leaves. Rejects as `rootsOf` does. */
export async function storedRange(deps: HashDeps, accountId: string, end: number): Promise<CompactRange> {
  const range = new CompactRange();
  const peaks = await rootsOf(deps, accountId, consecutive(peakSizes(0, end)));
  range.append({ begin: 0, end, peaks: Buffer.concat(peaks) });
  return range;
}

/** Subtrees of these sizes, from leaf 0 on, one after the other. */
function consecutive(sizes: readonly number[]): Subtree[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return { begin: end - size, end };
  });
}

/** A subtree of a power of two leaves, as hashes `[first, first + count)` of a tile. */
type Peak = Readonly<{ tile: TileName; first: number; count: number }>;

/** A log of one segment is hashed from its entries, which are read anyway. */
function peaksOf({ begin, end }: Subtree, hasOneSegment: boolean): Peak[] {
  let at = begin;
  return peakSizes(begin, end).map((leaves) => {
    const level = hasOneSegment ? 0 : levelOf(leaves);
    const unit = TILE_HASHES ** level;
    const index = Math.floor(at / (unit * TILE_HASHES));
    const first = at / unit - index * TILE_HASHES;
    at += leaves;
    return { tile: { level, index }, first, count: leaves / unit };
  });
}

/** The highest level whose hashes are of no more leaves. */
function levelOf(leaves: number): number {
  const level = Math.log2(leaves) / 8;
  return level < 1 && level >= HALF_LEVEL ? HALF_LEVEL : Math.floor(level);
}

async function readTiles(
  deps: HashDeps,
  accountId: string,
  wanted: readonly Wanted[],
): Promise<Map<string, HashesOf>> {
  const widths = new Map<string, Wanted>();
  for (const tile of wanted) {
    const known = widths.get(tileKey(tile));
    if (!known || known.width < tile.width) widths.set(tileKey(tile), tile);
  }
  const all = [...widths.values()];
  const [leaves, stored] = await Promise.all([
    deps.segments.read(
      accountId,
      all.filter(({ level }) => level === 0).map(({ index }) => index),
    ),
    deps.tiles.read(
      accountId,
      all.filter(({ level }) => level > 0),
    ),
  ]);
  const tiles = new Map<string, HashesOf>();
  for (const tile of all) {
    const key = tileKey(tile);
    if (tile.level === 0) {
      tiles.set(key, hashesOfEntries(accountId, tile, leaves.get(tile.index)?.entries ?? []));
      continue;
    }
    const found = stored.get(key);
    const isWide = found !== undefined && found.length >= tile.width * HASH_SIZE;
    tiles.set(key, hashesIn(isWide ? found : await makeTile(deps, accountId, tile)));
  }
  return tiles;
}

/** A tile is stored when a checkpoint is signed; until then its hashes are made of those of the level below. */
async function makeTile(deps: HashDeps, accountId: string, { level, index, width }: Wanted): Promise<Buffer> {
  const below = level > 1 ? level - 1 : level - HALF_LEVEL;
  const count = TILE_HASHES ** (level - below);
  const parts = Array.from({ length: width }, (_, i) => {
    const at = (index * TILE_HASHES + i) * count;
    return { level: below, index: Math.floor(at / TILE_HASHES), first: at % TILE_HASHES };
  });
  const wanted = parts.map(({ first, ...tile }) => ({ ...tile, width: first + count }));
  const tiles = await readTiles(deps, accountId, wanted);
  return Buffer.concat(
    parts.map(({ first, ...tile }) =>
      foldHashes((tiles.get(tileKey(tile)) as HashesOf)(first, count), 0, count),
    ),
  );
}

function hashesOfEntries(accountId: string, { index, width }: Wanted, entries: readonly Buffer[]): HashesOf {
  if (entries.length < width || entries.length > LOG_SEGMENT_SIZE) {
    throw new DamagedLog(`Segment ${index} of the log of ${accountId} lacks entries`);
  }
  return (first, count) => hashLeaves(entries.slice(first, first + count));
}

function hashesIn(tile: Buffer): HashesOf {
  return (first, count) => tile.subarray(first * HASH_SIZE, (first + count) * HASH_SIZE);
}

/** The leaf hashes of entries, end to end. */
export function hashLeaves(entries: readonly Buffer[]): Buffer {
  const hashes = Buffer.allocUnsafeSlow(entries.length * HASH_SIZE);
  for (const [i, entry] of entries.entries()) {
    writeLeafHash(entry, 0, entry.length, hashes, i * HASH_SIZE);
  }
  return hashes;
}

/** The root over `count` hashes of one level, a power of two, from the one at `first` on. */
export function foldHashes(hashes: Buffer, first: number, count: number): Uint8Array {
  const folded = Buffer.from(hashes.subarray(first * HASH_SIZE, (first + count) * HASH_SIZE));
  for (let pairs = count / 2; pairs >= 1; pairs /= 2) foldPairs(sha256Lanes(), folded, pairs);
  return Uint8Array.from(folded.subarray(0, HASH_SIZE));
}
