// Hashes a whole account log from its stored entries: its root, its root at earlier sizes, and its tiles.
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { HASH_SIZE } from '../../shared/merkle/hash.ts';
import { foldHashes, hashLeaves } from '../../shared/transparency/log-hashes.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegment } from '../../shared/transparency/log-segments.ts';
import { HALF_LEVEL, type LogTile, TILE_HASHES } from '../../shared/transparency/log-tiles.ts';
import { isSegmentSigned } from '../../shared/transparency/segment-note.ts';
import type { KeeperDeps } from './keeper-deps.ts';

/** Leaves under a hash of the half level. */
const HALF_LEAVES = TILE_HASHES ** HALF_LEVEL;

export type HashedLog = Readonly<{
  /** Entries. */
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
  /** The root in hex at each size that was asked for and that the log has. */
  roots: ReadonlyMap<number, string>;
  /** The tiles that are stored. */
  tiles: readonly LogTile[];
  /** The first segment with entries from the smallest size on that bears no signature of the log's; null for none. */
  unsignedAt: number | null;
}>;

/** `sizes`: where the root is wanted. The first `covered` entries are under a checkpoint. */
export async function hashLog(
  { segments, identity }: Pick<KeeperDeps, 'segments' | 'identity'>,
  accountId: string,
  { sizes, covered }: Readonly<{ sizes: readonly number[]; covered: number }>,
): Promise<HashedLog> {
  const wanted = new Set(sizes);
  const range = new CompactRange();
  const roots = new Map<number, string>([[0, range.rootHex()]]);
  const halves: Buffer[] = [];
  const levels: Buffer[][] = [];
  let unsignedAt: number | null = null;
  for await (const segment of segments.readOn(accountId)) {
    const hashes = hashLeaves(segment.entries);
    for (let at = 0; at < hashes.length; at += HASH_SIZE) {
      range.appendLeafHash(hashes.subarray(at, at + HASH_SIZE));
      if (wanted.has(range.end)) roots.set(range.end, range.rootHex());
    }
    if (range.end > covered && unsignedAt === null && !isSegmentSigned(identity, accountId, segment)) {
      unsignedAt = segment.index;
    }
    const groups = Array.from({ length: Math.floor(segment.entries.length / HALF_LEAVES) }, (_, i) =>
      Buffer.from(foldHashes(hashes, i * HALF_LEAVES, HALF_LEAVES)),
    );
    halves.push(...groups);
    if (isFull(segment)) addRoot(levels, foldHashes(Buffer.concat(groups), 0, groups.length));
  }
  return {
    size: range.end,
    root: range.root(),
    roots,
    tiles: [...tilesOf(HALF_LEVEL, halves), ...levels.flatMap((hashes, i) => tilesOf(i + 1, hashes))],
    unsignedAt,
  };
}

function isFull({ entries }: LogSegment): boolean {
  return entries.length === LOG_SEGMENT_SIZE;
}

/** Adds the root of a full tile to the level above it, and so on upwards. `levels[0]` is level 1. */
function addRoot(levels: Buffer[][], root: Uint8Array, level = 0): void {
  levels[level] ??= [];
  const hashes = levels[level] as Buffer[];
  hashes.push(Buffer.from(root));
  if (hashes.length % TILE_HASHES === 0) {
    addRoot(levels, foldHashes(Buffer.concat(hashes.slice(-TILE_HASHES)), 0, TILE_HASHES), level + 1);
  }
}

function tilesOf(level: number, hashes: readonly Buffer[]): LogTile[] {
  return Array.from({ length: Math.ceil(hashes.length / TILE_HASHES) }, (_, index) => {
    const part = hashes.slice(index * TILE_HASHES, (index + 1) * TILE_HASHES);
    return { level, index, hashes: Buffer.concat(part) };
  });
}
