// The account log of a bundle, entry for entry with its signatures, where this deployment has the key and the origin that
// signed it: two logs under one key that differ would contradict each other. Elsewhere a new log begins. A log of this
// deployment's that was damaged refuses the bundle: a new one under that key would be a fork of it.
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import type { LogHeads, SignedCheckpoint } from '../../shared/transparency/log-heads.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import type { LogPlaces } from '../../shared/transparency/log-places.ts';
import { trust } from '../../shared/transparency/log-reader.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegment, LogSegments } from '../../shared/transparency/log-segments.ts';
import type { LogTiles } from '../../shared/transparency/log-tiles.ts';
import { isSegmentSigned } from '../../shared/transparency/segment-note.ts';
import { hashLog } from '../../workers/account-log/hash-log.ts';
import type { KeeperDeps } from '../../workers/account-log/keeper-deps.ts';
import { markSubjects } from '../../workers/account-log/mark-subjects.ts';
import { notePlaces } from '../../workers/account-log/note-places.ts';
import { parseLogLine } from '../bundle/account-log-lines.ts';
import { RefusedBundle } from './bundle-files.ts';
import { ROW_LIMIT } from './bundle-rows.ts';
import type { Problems } from './problems.ts';
import { readLines } from './read-lines.ts';

export type AccountLogDeps = Pick<KeeperDeps, 'sessions' | 'policies' | 'reports'> &
  Readonly<{
    /** Null where no signing key is configured. */
    identity: LogIdentity | null;
    segments: LogSegments;
    places: LogPlaces;
    tiles: LogTiles;
    heads: LogHeads;
  }>;

/**
 * Stores the log, before any session is: whoever keeps the account log would begin another one for them. Resolves to how
 * many entries it has; null, with a warning or a problem, where it is not taken over. Throws a `RefusedBundle` for a
 * damaged log under a key of this deployment.
 */
export async function importAccountLog(
  deps: AccountLogDeps,
  path: string,
  accountId: string,
  problems: Problems,
): Promise<number | null> {
  const { identity, segments, tiles, heads } = deps;
  const checked = await checkAccountLog(identity, path, accountId, problems);
  if (!checked) return null;
  for await (const next of readSegments(path)) {
    const found = await segments.read(accountId, [next.index]);
    const stored = found.get(next.index)?.entries ?? [];
    if (!isPrefix(stored, next.entries) && !isPrefix(next.entries, stored)) {
      problems.add('account-log.ndjson', OTHER_ENTRIES);
      return null;
    }
    if (stored.length >= next.entries.length) continue;
    const size = next.index * LOG_SEGMENT_SIZE + stored.length;
    const index = stored.length > 0 ? next.index : Math.max(0, next.index - 1);
    const tail = { index, entries: stored, signature: null, size };
    if (!(await segments.replaceTail(accountId, tail, next))) {
      problems.add('account-log.ndjson', OTHER_ENTRIES);
      return null;
    }
  }
  const hashed = await hashLog({ segments, identity: checked.identity }, accountId, {
    sizes: [],
    covered: 0,
  });
  // Before a session is published: every walk then finds what the log has of it, whatever its row says.
  await notePlaces(deps, accountId, hashed.size, NEVER);
  await tiles.write(accountId, hashed.tiles);
  await storeCheckpoint(heads, accountId, checked.checkpoint);
  return hashed.size;
}

/** Null, with a warning, for a log that is not taken over. Throws as `importAccountLog` does, and writes nothing. */
export async function checkAccountLog(
  identity: LogIdentity | null,
  path: string,
  accountId: string,
  problems: Problems,
): Promise<Checked | null> {
  const checked = await check(identity, path, accountId);
  if (typeof checked === 'string') {
    problems.warn('account-log.ndjson', `${checked}, so that it is not taken over: a new account log begins`);
    return null;
  }
  if (checked.checkpoint === null) problems.warn('account-log.ndjson', NO_CHECKPOINT);
  return checked;
}

const NO_CHECKPOINT =
  'it has no line with a checkpoint, so that nothing signed says how far it reached: entries at its end, and what they are about, may be missing. Compare its size with /api/v1/log/checkpoint where it is from, and export the account again once a checkpoint is signed';

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

type Checked = Readonly<{ identity: LogIdentity; checkpoint: SignedCheckpoint | null }>;

/** Holds every segment against its signature, and the whole against the checkpoint. A text says why it is not usable. */
async function check(
  identity: LogIdentity | null,
  path: string,
  accountId: string,
): Promise<Checked | string> {
  if (identity === null) return 'no SIGNING_KEY is configured here to check it with';
  let checkpoint: SignedCheckpoint | null = null;
  const damaged = (what: string) => {
    if (checkpoint === null && next === 0) return what;
    throw new RefusedBundle(
      `account-log.ndjson: ${what}, and this deployment's key has signed what stands before: put the exported file in its place. Nothing was imported: a new log under that key would contradict the one that it is of`,
    );
  };
  const range = new CompactRange();
  let rootHex = range.rootHex();
  let next = 0;
  for await (const line of readLog(path)) {
    if (line === null) return damaged('it holds a line that is no part of an account log');
    if (line.checkpoint) {
      checkpoint = line.checkpoint;
      if (!trust(identity, accountId, checkpoint)) return OTHER_KEY;
      continue;
    }
    const isNext = line.index === next && range.end === next * LOG_SEGMENT_SIZE;
    if (!isNext || line.entries.length > LOG_SEGMENT_SIZE) return damaged('it has a hole');
    if (!isSegmentSigned(identity, accountId, line))
      return damaged(next === 0 && !checkpoint ? OTHER_KEY : OTHER_SEGMENT);
    for (const entry of line.entries) {
      range.appendLeafHash(hashLeaf(entry));
      if (range.end === checkpoint?.size) rootHex = range.rootHex();
    }
    next += 1;
  }
  if (checkpoint && rootHex !== checkpoint.rootHex) {
    return damaged('its entries do not give the root of its checkpoint');
  }
  return { identity, checkpoint };
}

const OTHER_SEGMENT =
  'a segment of it bears no signature of SIGNING_KEY or one of RETIRED_KEYS (if the key was changed, add the earlier one)';
const OTHER_KEY = 'it was signed under another SIGNING_KEY or LOG_ORIGIN than those configured here';

async function* readLog(path: string) {
  for await (const lines of readLines(path, ROW_LIMIT)) {
    for (const { bytes } of lines) yield bytes && parseLogLine(bytes);
  }
}

async function* readSegments(path: string): AsyncGenerator<LogSegment> {
  for await (const line of readLog(path)) if (line && !line.checkpoint) yield line;
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
