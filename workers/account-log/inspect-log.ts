// Holds an account log against everything that was signed of it: the whole log is hashed again from its stored entries,
// and compared with every checkpoint that this process knows of. So a changed entry, a missing segment or an older copy of
// the database is noticed. Signs and marks nothing.
import type { AccountLogHead } from '../../shared/transparency/log-heads.ts';
import { trust } from '../../shared/transparency/log-reader.ts';
import { type HashedLog, hashLog } from './hash-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { isAsSigned, listKnown } from './known-checkpoints.ts';
import { findUnheld, largestNamed, type NamedDeps } from './largest-named.ts';

export type InspectDeps = Pick<KeeperDeps, 'identity' | 'segments' | 'heads' | 'checkpointFile'> & NamedDeps;

export type Contradiction = Readonly<{
  /** How the log contradicts what was signed, in words that hold nothing of its entries. */
  reason: string;
  /** The signed note of the checkpoint that it contradicts; null for none. */
  note: string | null;
}>;

export type Inspected = Readonly<{
  head: AccountLogHead;
  hashed: HashedLog;
  /** Entries under the largest checkpoint that is known. */
  signedSize: number;
  /** Null where the log contradicts nothing. */
  contradiction: Contradiction | null;
}>;

/** What was signed is read before the log, which may grow in between and never shrinks. */
export async function inspectLog(deps: InspectDeps, accountId: string): Promise<Inspected> {
  const { identity } = deps;
  const head = await deps.heads.find(accountId);
  const known = await listKnown(deps, accountId, head);
  const named = await largestNamed(deps, accountId);
  const { checkpoint, marked } = head;
  const sizes = known.map((signed) => signed.size);
  const hashed = await hashLog(deps, accountId, { sizes, covered: checkpoint?.size ?? 0 });
  const { size, roots, unsignedAt } = hashed;
  const signedSize = known[0]?.size ?? 0;
  const found = (reason: string, note: string | null = null) => {
    return { head, hashed, signedSize, contradiction: { reason, note } };
  };
  if (checkpoint && !trust(identity, accountId, checkpoint)) {
    return found(
      "its stored checkpoint is signed by none of this deployment's keys: if the key was changed, add the earlier one to RETIRED_KEYS",
    );
  }
  for (const signed of known) {
    if (signed.size <= size && roots.get(signed.size) === signed.rootHex) continue;
    if (!isAsSigned(identity, accountId, signed)) {
      return found(
        `${signed.name} says what no key of this log signed: it was changed, or is another log's, or by a key that is not in RETIRED_KEYS`,
      );
    }
    if (signed.size > size) {
      return found(
        `it has ${size} entries, and ${signed.name} covers ${signed.size}: entries were removed, or the database is an older copy`,
        signed.note,
      );
    }
    return found(`its first ${signed.size} entries are not those of ${signed.name}`, signed.note);
  }
  if (marked > size) {
    return found(
      `it has ${size} entries, and by its head had ${marked}: entries that no checkpoint covers were removed, or the field marked of its row in account_logs was changed`,
    );
  }
  const unheld = await findUnheld(deps, accountId, named, size);
  if (unheld !== null) {
    return found(
      `it has ${size} entries, and a row of ${unheld.subject} names entry ${unheld.index}: entries were removed, the log is an older copy than the row, or somebody changed the row's log_index`,
    );
  }
  if (unsignedAt !== null)
    return found(`segment ${unsignedAt} was not written by a holder of the signing key`);
  return { head, hashed, signedSize, contradiction: null };
}
