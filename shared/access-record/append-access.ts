// Adds rows behind the last one, by any number of writers at once: the place of a row is its `_id`, which one writer gets.
import type { Keyring } from '../audit/audit-keys.ts';
import { Patience, tryOn } from '../mongo/try-on.ts';
import type { AccessRepository, AccessTail } from './access-repository.ts';
import { type AccessEvent, type AccessRow, hashAccessRow } from './access-row.ts';
import { findAccessTail } from './find-access-tail.ts';

/** What signs and stores the rows. */
export type AppendDeps = Readonly<{
  rows: Pick<AccessRepository, 'listNewest' | 'findPlaces' | 'insert' | 'countStored' | 'findHash'>;
  keyring: Pick<Keyring, 'writerFor' | 'find'>;
  /** Milliseconds to try on while the database is away: 2,000 by default, since somebody waits for an answer. */
  tryOnMs?: number;
}>;

/** Where a record ends. `gone`: the end that was known, where the record has it no more; null where it stands. */
export type AppendedTail = AccessTail & Readonly<{ gone: AccessTail | null }>;

const TRY_ON_MS = 2_000;

/**
 * Adds the events in their order, each once, and resolves to the end of the record when a majority of the database's
 * members has them on disk. `known` is where the record ended when it was last seen; null where nobody knows. One write
 * where that still holds; a reading and a write more for each writer that was faster, one reading more that tells whether
 * the known end still stands, and some where rows without a signature of ours stand at the end. Rejects with a store failure
 * where the database stays away: the rows are stored then, or not.
 */
export async function appendAccess(
  { rows, keyring, tryOnMs = TRY_ON_MS }: AppendDeps,
  accountId: string,
  events: readonly AccessEvent[],
  known: AccessTail | null,
): Promise<AppendedTail> {
  const patience = new Patience(tryOnMs);
  let left = events;
  let tail = known;
  /** Rows whose write failed, or has an end that is not known. */
  let tried: readonly AccessRow[] = [];
  let lostOn: number | null = null;
  let isReread = false;
  // Once the rows are stored: a majority has whatever was stored before them, so nothing that is missing is only late.
  const ending = async (end: AccessTail): Promise<AppendedTail> => {
    const isGone = isReread && known !== null && !(await hasEnd(rows, accountId, known));
    return { ...end, gone: isGone ? known : null };
  };
  return await tryOn(async () => {
    for (;;) {
      if (tail === null) {
        isReread = true;
        // The end first: a write that comes through in between is found among the rows, or in the way of the next one.
        const found = await findAccessTail({ rows, keyring }, accountId);
        const stored = tried.slice(0, await rows.countStored(accountId, tried));
        left = left.slice(stored.length);
        tried = tried.slice(stored.length);
        tail = laterOf(found, tailOf(stored));
        if (left.length === 0) return await ending(tail);
        // A row is in the way that a majority does not have yet.
        if (tail.size === lostOn) await patience.behind();
      }
      const { size } = tail;
      tried = signRows(keyring, accountId, tail, left);
      tail = null;
      if (await rows.insert(accountId, tried)) return await ending(tailOf(tried) as AccessTail);
      lostOn = size;
    }
  }, patience);
}

/** Whether the record still has an end that it had at an earlier time. */
export async function hasEnd(
  rows: Pick<AccessRepository, 'findHash'>,
  accountId: string,
  { size, hashHex }: AccessTail,
): Promise<boolean> {
  return (await rows.findHash(accountId, size - 1)) === hashHex;
}

function tailOf(rows: readonly AccessRow[]): AccessTail | null {
  const last = rows.at(-1);
  return last ? { size: last.seq + 1, hashHex: last.thisHashHex } : null;
}

function laterOf(tail: AccessTail, other: AccessTail | null): AccessTail {
  return other !== null && other.size > tail.size ? other : tail;
}

/** Rows without a key are hashed all the same, so that a signed row behind them covers them. */
function signRows(
  keyring: AppendDeps['keyring'],
  accountId: string,
  tail: AccessTail,
  events: readonly AccessEvent[],
): AccessRow[] {
  let { hashHex: prevHashHex } = tail;
  return events.map((event, i) => {
    const key = keyring.writerFor({ accountId, startedAt: event.at });
    const place = { account: accountId, seq: tail.size + i, prevHashHex };
    const row = { ...event, ...place, keyId: key?.id ?? null, keyCheck: key?.check ?? null };
    const thisHashHex = hashAccessRow(row, key);
    prevHashHex = thisHashHex;
    return { ...row, thisHashHex };
  });
}
