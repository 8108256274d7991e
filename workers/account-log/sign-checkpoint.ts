// Signs an account log's checkpoint. First the whole log is hashed again from its stored entries, and compared with the
// last checkpoint that the database has and the last one that this machine has signed: a changed entry, a missing
// segment or an older copy of the database is noticed before anything is signed.
import { formatCheckpoint } from '../../shared/transparency/checkpoint.ts';
import type { AccountLogHead } from '../../shared/transparency/log-heads.ts';
import { logOrigin } from '../../shared/transparency/log-origin.ts';
import { trust } from '../../shared/transparency/log-reader.ts';
import { signForAccount } from '../../shared/transparency/open-signing.ts';
import type { FiledCheckpoint } from './checkpoint-file.ts';
import { type HashedLog, hashLog } from './hash-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';

export type Signing =
  /** There is a checkpoint of the whole log. `fresh`: it was signed just now. */
  | Readonly<{ kind: 'signed'; size: number; fresh: boolean }>
  /** The log contradicts a checkpoint. */
  | Readonly<{ kind: 'failed'; reason: string }>
  /** The log has no entries. */
  | Readonly<{ kind: 'empty' }>;

/** Signs a checkpoint of everything that is stored, unless there is one. */
export async function signCheckpoint(deps: KeeperDeps, accountId: string): Promise<Signing> {
  const head = await deps.heads.find(accountId);
  const filed = await deps.checkpointFile.last(accountId);
  const covered = head.checkpoint?.size ?? 0;
  const hashed = await hashLog(deps, accountId, { sizes: [covered, filed?.size ?? 0], covered });
  const reason = findContradiction(deps, accountId, head, filed, hashed);
  if (reason !== null) {
    await deps.heads.markFailed(accountId, reason);
    deps.log.error(
      { account_id: accountId, reason },
      'an account log contradicts its checkpoint: nothing is signed',
    );
    return { kind: 'failed', reason };
  }
  if (head.failed) {
    await deps.heads.clearFailed(accountId);
    deps.log.info({ account_id: accountId }, 'an account log agrees with its checkpoints again');
  }
  const { size, root } = hashed;
  if (size === 0) return { kind: 'empty' };
  if (head.checkpoint?.size === size) return { kind: 'signed', size, fresh: false };
  await deps.tiles.write(accountId, hashed.tiles);
  const origin = logOrigin(deps.identity, accountId);
  const note = await signForAccount(deps, accountId, formatCheckpoint({ origin, size, root }));
  const rootHex = Buffer.from(root).toString('hex');
  // First the file: a checkpoint that others may have seen must be in it.
  await deps.checkpointFile.add(accountId, { size, rootHex, note, at: new Date() });
  const checkpoint = { size, rootHex, note, signedAt: new Date() };
  await deps.heads.storeCheckpoint(accountId, head.checkpoint?.size ?? null, checkpoint);
  return { kind: 'signed', size, fresh: true };
}

/** How the log contradicts what was signed, in words that hold nothing of its entries; null where it does not. */
function findContradiction(
  { identity }: KeeperDeps,
  accountId: string,
  { checkpoint, marked }: AccountLogHead,
  filed: FiledCheckpoint | null,
  { size, roots, unsignedAt }: HashedLog,
): string | null {
  if (checkpoint && !trust(identity, accountId, checkpoint)) {
    return "its stored checkpoint is signed by none of this deployment's keys: if the key was changed, add the earlier one to RETIRED_KEYS";
  }
  for (const [signed, where] of [
    [checkpoint, 'the database'],
    [filed, 'DATA_DIR'],
  ] as const) {
    if (signed && signed.size > size) {
      return `it has ${size} entries, and the last checkpoint in ${where} covers ${signed.size}: entries were removed, or the database is an older copy`;
    }
    if (signed && roots.get(signed.size) !== signed.rootHex) {
      return `its first ${signed.size} entries are not those of the last checkpoint in ${where}`;
    }
  }
  if (marked > size) return `it has ${size} entries, and had ${marked}`;
  if (unsignedAt !== null) return `segment ${unsignedAt} was not written by a holder of the signing key`;
  return null;
}
