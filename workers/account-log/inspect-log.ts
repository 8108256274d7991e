// Holds an account log against everything that was signed of it: the whole log is hashed again from its stored entries,
// and compared with the last checkpoint that the database has and the last one that this machine has signed. So a changed
// entry, a missing segment or an older copy of the database is noticed. Signs and marks nothing.
import type { AccountLogHead } from '../../shared/transparency/log-heads.ts';
import { trust } from '../../shared/transparency/log-reader.ts';
import type { FiledCheckpoint } from './checkpoint-file.ts';
import { type HashedLog, hashLog } from './hash-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';

export type InspectDeps = Pick<KeeperDeps, 'identity' | 'segments' | 'heads' | 'checkpointFile'>;

export type Inspected = Readonly<{
  head: AccountLogHead;
  hashed: HashedLog;
  /** How the log contradicts what was signed, in words that hold nothing of its entries; null where it does not. */
  reason: string | null;
}>;

/** What was signed is read before the log, which may grow in between and never shrinks. */
export async function inspectLog(deps: InspectDeps, accountId: string): Promise<Inspected> {
  const head = await deps.heads.find(accountId);
  const filed = await deps.checkpointFile.last(accountId);
  const covered = head.checkpoint?.size ?? 0;
  const hashed = await hashLog(deps, accountId, { sizes: [covered, filed?.size ?? 0], covered });
  return { head, hashed, reason: findContradiction(deps, accountId, head, filed, hashed) };
}

/** How the log contradicts what was signed, in words that hold nothing of its entries; null where it does not. */
function findContradiction(
  { identity }: Pick<KeeperDeps, 'identity'>,
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
