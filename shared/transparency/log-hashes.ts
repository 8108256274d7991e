// Hashes of an account log's subtrees, read from its tiles and segments: a proof takes a few documents, however long the
// log is.

import { peakSizes } from '../merkle/compact-range.ts';
import { HASH_SIZE, hashLeaf, hashNode } from '../merkle/hash.ts';
import type { Subtree } from '../merkle/proof-ranges.ts';
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
        ? hashEntries(accountId, tile, leaves.get(tile.index)?.entries ?? [])
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

function hashEntries(accountId: string, { index, width }: Wanted, entries: readonly Buffer[]): Buffer {
  if (entries.length < width || entries.length > LOG_SEGMENT_SIZE) {
    throw new DamagedLog(`Segment ${index} of the log of ${accountId} lacks entries`);
  }
  return Buffer.concat(entries.map(hashLeaf));
}

/** The root over `count` hashes of one level, a power of two, from the one at `first` on. */
export function foldHashes(hashes: Buffer, first: number, count: number): Uint8Array {
  let level: Uint8Array[] = Array.from({ length: count }, (_, i) =>
    Uint8Array.from(hashes.subarray((first + i) * HASH_SIZE, (first + i + 1) * HASH_SIZE)),
  );
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      hashNode(level[2 * i] as Uint8Array, level[2 * i + 1] as Uint8Array),
    );
  }
  return level[0] as Uint8Array;
}
