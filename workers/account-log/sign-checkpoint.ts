// Signs an account log's checkpoint. First the whole log is held against everything that was signed before.
import { formatCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { logOrigin } from '../../shared/transparency/log-origin.ts';
import { signForAccount } from '../../shared/transparency/open-signing.ts';
import { inspectLog } from './inspect-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { tryToNotePlaces } from './note-places.ts';
import { storeTiles } from './stored-tiles.ts';

type Signed =
  /** There is a checkpoint of the whole log. */
  | Readonly<{ kind: 'signed'; size: number }>
  /** The log contradicts a checkpoint. */
  | Readonly<{ kind: 'failed'; reason: string }>
  /** The log has no entries. */
  | Readonly<{ kind: 'empty' }>;

/** Signs a checkpoint of everything that is stored, unless there is one. */
export async function signCheckpoint(
  deps: KeeperDeps,
  accountId: string,
  signal: AbortSignal,
): Promise<Signed> {
  const { head, hashed, contradiction } = await inspectLog(deps, accountId);
  if (contradiction) {
    const { reason, note } = contradiction;
    await deps.heads.markFailed(accountId, reason, note);
    if (deps.isToTell(`${accountId} ${reason}`)) {
      const about = { account_id: accountId, reason };
      deps.log.error(about, 'an account log contradicts its checkpoint: nothing is signed');
    }
    return { kind: 'failed', reason };
  }
  if (head.failed) {
    await deps.heads.clearFailed(accountId);
    deps.log.info({ account_id: accountId }, 'an account log agrees with its checkpoints again');
  }
  const { size, root } = hashed;
  if (size === 0) return { kind: 'empty' };
  if (head.checkpoint?.size === size) return { kind: 'signed', size };
  await storeTiles(deps, accountId, hashed.tiles);
  // Another keeper may have appended what it has not noted yet.
  await tryToNotePlaces(deps, accountId, size, signal);
  const origin = logOrigin(deps.identity, accountId);
  const note = await signForAccount(deps, accountId, formatCheckpoint({ origin, size, root }));
  const rootHex = Buffer.from(root).toString('hex');
  // First the file: a checkpoint that others may have seen must be in it.
  await deps.checkpointFile.add(accountId, { size, rootHex, note, at: new Date() });
  const checkpoint = { size, rootHex, note, signedAt: new Date() };
  await deps.heads.storeCheckpoint(accountId, head.checkpoint?.size ?? null, checkpoint);
  return { kind: 'signed', size };
}

/**
 * Whether the last checkpoint is of so many entries, is this machine's own, and nothing was found against the log: then nothing is to
 * be signed, and the log need not be hashed for it.
 */
export async function isSignedHere(
  { heads, checkpointFile }: Pick<KeeperDeps, 'heads' | 'checkpointFile'>,
  accountId: string,
  size: number,
): Promise<boolean> {
  const { checkpoint, failed } = await heads.find(accountId);
  const filed = await checkpointFile.last(accountId);
  return (
    failed === null &&
    checkpoint?.size === size &&
    filed?.size === size &&
    filed.rootHex === checkpoint.rootHex
  );
}
