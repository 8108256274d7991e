// Hashes of an account log's subtrees, read from its tiles and segments: a proof takes a few documents, however long the
// log is.

import { peakSizes } from '../merkle/compact-range.ts';
import { HASH_SIZE, hashNode, writeLeafHash } from '../merkle/hash.ts';
import type { Subtree } from '../merkle/proof-ranges.ts';
import { foldPairs, sha256Lanes } from '../merkle/sha256-lanes.ts';
import { LOG_SEGMENT_SIZE } from './log-rows.ts';
import type { LogSegments } from './log-segments.ts';
import { type LogTiles, type TileName, tileKey } from './log-tiles.ts';

/** Hashes of a full tile, C2SP tlog-tiles. */
export const TILE_HASHES = 256;

export type HashDeps = Readonly<{ segments: Pick<LogSegments, 'read'>; tiles: Pick<LogTiles, 'read'> }>;

/** The log lacks entries that it had: no proof can be made of it. The message holds nothing of an entry. */
export class DamagedLog extends Error {}

/** A tile, and how many of its hashes are wanted. */
type Wanted = TileName & { width: number };

/**
 * The root over the leaves of each range (RFC 6962 section 2.1), 32 bytes. Rejects with `DamagedLog` where the log does not
 * hold all of these leaves.
 */
export async function rootsOf(
  deps: HashDeps,
  accountId: string,
  ranges: readonly Subtree[],
): Promise<Uint8Array[]> {
  const peaks = ranges.map(({ begin, end }) => peaksOf(begin, end));
  const tiles = await readTiles(
    deps,
    accountId,
    peaks.flat().map(({ tile, first, count }) => ({ ...tile, width: first + count })),
  );
  return peaks.map((parts) => {
    const roots = parts.map(({ tile, first, count }) =>
      foldHashes(tiles.get(tileKey(tile)) as Buffer, first, count),
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
  return (tiles.get(tileKey(name)) as Buffer).subarray(0, width * HASH_SIZE);
}

/** A subtree of a power of two leaves, as hashes `[first, first + count)` of a tile. */
type Peak = Readonly<{ tile: TileName; first: number; count: number }>;

function peaksOf(begin: number, end: number): Peak[] {
  let at = begin;
  return peakSizes(begin, end).map((leaves) => {
    const level = Math.floor(Math.log2(leaves) / 8);
    const unit = TILE_HASHES ** level;
    const index = Math.floor(at / (unit * TILE_HASHES));
    const first = at / unit - index * TILE_HASHES;
    at += leaves;
    return { tile: { level, index }, first, count: leaves / unit };
  });
}

async function readTiles(
  deps: HashDeps,
  accountId: string,
  wanted: readonly Wanted[],
): Promise<Map<string, Buffer>> {
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
  const tiles = new Map<string, Buffer>();
  for (const tile of all) {
    const key = tileKey(tile);
    const found =
      tile.level === 0
        ? tileOfEntries(accountId, tile, leaves.get(tile.index)?.entries ?? [])
        : (stored.get(key) ?? Buffer.alloc(0));
    const isWide = found.length >= tile.width * HASH_SIZE;
    tiles.set(key, isWide ? found : await makeTile(deps, accountId, tile));
  }
  return tiles;
}

/** A tile is stored when a checkpoint is signed; until then its hashes are the roots of full tiles below it. */
async function makeTile(deps: HashDeps, accountId: string, { level, index, width }: Wanted): Promise<Buffer> {
  const below = Array.from({ length: width }, (_, i) => ({
    level: level - 1,
    index: index * TILE_HASHES + i,
    width: TILE_HASHES,
  }));
  const tiles = await readTiles(deps, accountId, below);
  return Buffer.concat(below.map((tile) => foldHashes(tiles.get(tileKey(tile)) as Buffer, 0, TILE_HASHES)));
}

function tileOfEntries(accountId: string, { index, width }: Wanted, entries: readonly Buffer[]): Buffer {
  if (entries.length < width || entries.length > LOG_SEGMENT_SIZE) {
    throw new DamagedLog(`Segment ${index} of the log of ${accountId} lacks entries`);
  }
  return hashLeaves(entries.slice(0, width));
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
