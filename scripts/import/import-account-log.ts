// Stores the account log of a bundle, entry for entry with its signatures.
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import type { LogHeads, SignedCheckpoint } from '../../shared/transparency/log-heads.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import type { LogPlaces } from '../../shared/transparency/log-places.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegments } from '../../shared/transparency/log-segments.ts';
import type { LogTiles } from '../../shared/transparency/log-tiles.ts';
import { hashLog } from '../../workers/account-log/hash-log.ts';
import type { KeeperDeps } from '../../workers/account-log/keeper-deps.ts';
import { markSubjects } from '../../workers/account-log/mark-subjects.ts';
import { notePlaces } from '../../workers/account-log/note-places.ts';
import type { Problems } from './problems.ts';
import { readSegments } from './read-account-log.ts';

export type AccountLogDeps = Pick<KeeperDeps, 'sessions' | 'policies' | 'reports'> &
  Readonly<{ segments: LogSegments; places: LogPlaces; tiles: LogTiles; heads: LogHeads }>;

/** A log that was read and judged: whole, and of a key of this deployment. */
export type TakenLog = Readonly<{
  identity: LogIdentity;
  accountId: string;
  checkpoint: SignedCheckpoint | null;
}>;

/**
 * Stores the log, before any session is: whoever keeps the account log would begin another one for them. False, with a
 * problem, where another log is stored.
 */
export async function importAccountLog(
  deps: AccountLogDeps,
  path: string,
  { identity, accountId, checkpoint }: TakenLog,
  problems: Problems,
): Promise<boolean> {
  const { segments, tiles, heads } = deps;
  for await (const next of readSegments(path)) {
    const found = await segments.read(accountId, [next.index]);
    const stored = found.get(next.index)?.entries ?? [];
    if (!isPrefix(stored, next.entries) && !isPrefix(next.entries, stored)) {
      problems.add('account-log.ndjson', OTHER_ENTRIES);
      return false;
    }
    if (stored.length >= next.entries.length) continue;
    const size = next.index * LOG_SEGMENT_SIZE + stored.length;
    const index = stored.length > 0 ? next.index : Math.max(0, next.index - 1);
    const tail = { index, entries: stored, signature: null, size };
    if (!(await segments.replaceTail(accountId, tail, next))) {
      problems.add('account-log.ndjson', OTHER_ENTRIES);
      return false;
    }
  }
  const hashed = await hashLog({ segments, identity }, accountId, { sizes: [], covered: 0 });
  // Before a session is published: every walk then finds what the log has of it, whatever its row says.
  await notePlaces(deps, accountId, hashed.size, NEVER);
  await tiles.write(accountId, hashed.tiles);
  await storeCheckpoint(heads, accountId, checkpoint);
  return true;
}

const NEVER = new AbortController().signal;

const OTHER_ENTRIES =
  'the account log that is stored has other entries than this one: nothing of it was replaced, and what is not in it gets new entries';

/** Notes on the rows of everything that the log is about which entry that is. Must come after they are stored. */
export async function markLogged(deps: AccountLogDeps, accountId: string): Promise<void> {
  let at = 0;
  for await (const { entries } of deps.segments.readOn(accountId)) {
    const first = at;
    const placed = entries.flatMap((bytes, i) => {
      const entry = parseLogEntry(bytes.toString());
      return entry ? [{ entry, index: first + i }] : [];
    });
    await markSubjects(deps, accountId, placed);
    at += entries.length;
  }
  await deps.heads.raiseMarked(accountId, at);
}

function isPrefix(some: readonly Buffer[], all: readonly Buffer[]): boolean {
  return some.every((entry, i) => all[i]?.equals(entry) === true);
}

async function storeCheckpoint(
  heads: LogHeads,
  accountId: string,
  checkpoint: SignedCheckpoint | null,
): Promise<void> {
  const { checkpoint: stored } = await heads.find(accountId);
  if (!checkpoint || (stored?.size ?? -1) >= checkpoint.size) return;
  await heads.storeCheckpoint(accountId, stored?.size ?? null, checkpoint);
  for (const cosignature of checkpoint.cosignatures) {
    await heads.keepCosignature(accountId, checkpoint.size, cosignature);
  }
}
