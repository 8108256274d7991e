// Walks the access record of an account: every row, link and HMAC.
import type { Keyring } from '../audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { type FailedLog, failed } from '../audit/verdict.ts';
import { storedText } from '../mongo/stored-text.ts';
import type { AccessRepository, AccessTail } from './access-repository.ts';
import { accessRowId, hashAccessRow, readStoredAccess } from './access-row.ts';

/** Rows, from the first, that were looked at. `unsigned`: no key was in force when they were written. */
export type AccessCounts = Readonly<{
  size: number;
  unsigned: number;
  /** `seq` of the first row that nothing proves; null where there is none. */
  firstUnproven: number | null;
  /** Rows under keys that are not configured, by the key's id. */
  unknownKeys: readonly (readonly [keyId: string, count: number])[];
}>;

/**
 * The verdict on a record. `unverifiable`: what can be checked holds, and some rows are unsigned or under a key that is not
 * configured. Without an earlier end nothing tells whether the newest rows were cut off, nor whether unsigned ones are as
 * they were written.
 */
export type AccessVerdict =
  | (Readonly<{ status: 'verified' | 'unverifiable'; headHashHex: string }> & AccessCounts)
  | FailedLog;

/**
 * Walks the record in order and stops at its first fault. `gap`, `foreign` and `malformed` have the `_id` of the row that was
 * found (`calculated`), and the one that belongs there (`expected`): they differ where somebody put a row in between or behind. `head` is an end that the record had at an earlier time, and that
 * it must reproduce: `truncated` where it is shorter, `altered` where another row stands there. Rejects with the driver's
 * error.
 */
export async function walkAccess(
  { rows, keyring }: Readonly<{ rows: Pick<AccessRepository, 'walk'>; keyring: Pick<Keyring, 'find'> }>,
  accountId: string,
  head: AccessTail | null = null,
): Promise<AccessVerdict> {
  let [seq, unsigned] = [0, 0];
  let headHashHex = ZERO_HASH_HEX;
  let firstUnproven: number | null = null;
  const unknown = new Map<string, number>();
  for await (const stored of rows.walk(accountId)) {
    const row = readStoredAccess(stored);
    // A place is told by the `_id` alone, which no two rows share: a row is in its place, or one before it is missing.
    const [place, id] = [accessRowId(accountId, seq), storedText(stored._id)];
    if (id > place) return failed('gap', seq, place, id);
    if (stored.account !== accountId) return failed('foreign', seq, place, id);
    if (!row) return failed('malformed', seq, place, id);
    if (row.prevHashHex !== headHashHex) return failed('altered', seq, headHashHex, row.prevHashHex);
    const { keyId, keyCheck } = row;
    const named = keyId !== null && keyCheck !== null ? { keyId, keyCheck } : null;
    const found = named && keyring.find({ accountId, startedAt: row.at, ...named });
    if (found?.verdict?.status === 'failed') return { ...found.verdict, seq };
    if (found?.verdict) unknown.set(found.verdict.keyId, (unknown.get(found.verdict.keyId) ?? 0) + 1);
    else {
      const hashHex = hashAccessRow(row, found?.key ?? null);
      if (hashHex !== row.thisHashHex) return failed('altered', seq, row.thisHashHex, hashHex);
      if (!found) unsigned += 1;
    }
    if (!found?.key) firstUnproven ??= seq;
    headHashHex = row.thisHashHex;
    if (head?.size === seq + 1 && head.hashHex !== headHashHex) {
      return failed('altered', seq, head.hashHex, headHashHex);
    }
    seq += 1;
  }
  if (head !== null && head.size > seq) return failed('truncated', seq, String(head.size), String(seq));
  const status = firstUnproven === null ? 'verified' : 'unverifiable';
  return { status, headHashHex, size: seq, unsigned, firstUnproven, unknownKeys: [...unknown] };
}
