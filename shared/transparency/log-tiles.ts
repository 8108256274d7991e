// The stored tiles of an account log: those above level 0 (C2SP tlog-tiles), and between level 0 and 1 a half level, which is
// nobody's but ours. They are made of the segments and save reading and hashing them.
import { Binary, type Collection, type Db } from 'mongodb';
import { HASH_SIZE } from '../merkle/hash.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { LOG_TILES, logTileId, type StoredLogTile } from './log-rows.ts';

/** Hashes of a full tile, C2SP tlog-tiles. */
export const TILE_HASHES = 256;

/** The level whose hashes are the roots of 16 leaves: a proof hashes 15 entries at most. It is served to nobody. */
export const HALF_LEVEL = 0.5;

/** Names a tile: hash `i` of it is the root of the `256^level` leaves from `(256 * index + i) * 256^level` on. */
export type TileName = Readonly<{ level: number; index: number }>;

/** A tile: 1 to 256 hashes of 32 bytes, end to end. */
export type LogTile = TileName & Readonly<{ hashes: Buffer }>;

/** The tiles of an account's log. */
export type LogTiles = ReturnType<typeof createLogTiles>;

/** All methods reject with the driver's error when the database is away. */
export function createLogTiles(db: Db) {
  const tiles: Collection<StoredLogTile> = evidenceCollection(db, LOG_TILES);

  return {
    /** The hashes of these tiles, by `tileKey`. Leaves out a tile that is not stored, or is none. */
    async read(accountId: string, names: readonly TileName[]): Promise<ReadonlyMap<string, Buffer>> {
      if (names.length === 0) return new Map();
      const keys = new Map(
        names.map((name) => [logTileId(accountId, name.level, name.index), tileKey(name)]),
      );
      const rows = await tiles
        .find({ _id: { $in: [...keys.keys()] } }, { batchSize: keys.size + 1 })
        .toArray();
      return new Map(
        rows.flatMap(({ _id, hashes }) => {
          const bytes = hashes instanceof Binary ? Buffer.from(hashes.value()) : Buffer.alloc(0);
          const isTile = bytes.length > 0 && bytes.length % HASH_SIZE === 0;
          return isTile ? [[keys.get(_id) as string, bytes] as const] : [];
        }),
      );
    },

    /** Stores tiles in the place of what stands there. */
    async write(accountId: string, written: readonly LogTile[]): Promise<void> {
      if (written.length === 0) return;
      await tiles.bulkWrite(
        written.map(({ level, index, hashes }) => ({
          replaceOne: {
            filter: { _id: logTileId(accountId, level, index) },
            replacement: { account_id: accountId, hashes: new Binary(hashes) },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },
  };
}

/** A text by which a map of tiles holds a tile. */
export function tileKey({ level, index }: TileName): string {
  return `${level}/${index}`;
}
