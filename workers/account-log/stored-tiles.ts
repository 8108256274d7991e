// The stored tiles of an account log beside those that its entries give: proofs are read from the stored ones. One that is
// missing is made of the entries again, and a false one makes proofs that prove nothing.
import { type LogTile, tileKey } from '../../shared/transparency/log-tiles.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { type LogFinding, logFinding } from './log-finding.ts';

type Deps = Pick<KeeperDeps, 'tiles'>;

/** Stores the tiles that stand otherwise, or not at all. */
export async function storeTiles(
  { tiles }: Deps,
  accountId: string,
  hashed: readonly LogTile[],
): Promise<void> {
  const stored = await tiles.read(accountId, hashed);
  await tiles.write(
    accountId,
    hashed.filter((tile) => !stored.get(tileKey(tile))?.equals(tile.hashes)),
  );
}

/** Names the tiles that hold another hash. One may be longer than its like, or shorter: the log grows. */
export async function* findFalseTiles(
  { tiles }: Deps,
  accountId: string,
  hashed: readonly LogTile[],
): AsyncGenerator<LogFinding> {
  const stored = await tiles.read(accountId, hashed);
  for (const tile of hashed) {
    const found = stored.get(tileKey(tile));
    if (!found) continue;
    const length = Math.min(found.length, tile.hashes.length);
    if (found.subarray(0, length).equals(tile.hashes.subarray(0, length))) continue;
    const name = tileKey(tile);
    const line = `tile ${name} of the account log holds hashes that its entries do not give: proofs under it fail until the next checkpoint writes it anew, or its row is removed`;
    yield logFinding('account_log_tile_differs', accountId, line, { tile: name });
  }
}
