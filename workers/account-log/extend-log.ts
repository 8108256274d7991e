// Appends to an account log what its account's rows say is due, each thing once, whoever else appends at the same time
// and wherever one of them is killed.
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { trust } from '../../shared/transparency/log-reader.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import { type LogTail, segmentAfter } from '../../shared/transparency/log-segments.ts';
import { isSegmentSigned, segmentText } from '../../shared/transparency/segment-note.ts';
import { listDueEntries } from './due-entries.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { keyChangeDue } from './key-change.ts';
import { listKnown } from './known-checkpoints.ts';
import { findUnheld, largestNamed } from './largest-named.ts';
import { leaveOutLogged } from './leave-out-logged.ts';
import { markSubjects } from './mark-subjects.ts';
import { tryToNotePlaces } from './note-places.ts';
import { tellRefused } from './refused-rows.ts';

/** Entries that one round appends at most: they are held in memory. */
const ROUND = 16_384;

/** Rounds that another writer may win in a row before this one leaves the rest to it. */
const LOST_AT_MOST = 20;

/** Is told how many entries were appended just now. */
export type OnAppended = (count: number) => void;

export type Extended = Readonly<{
  appended: number;
  /** Entries of the log. */
  size: number;
  /** False where something due could not be appended: other writers came first, or the log is not as it was. */
  isComplete: boolean;
}>;

/**
 * Appends everything that is due. A round reads the tail, then marks the rows of all entries up to it, then lists what is
 * due, then appends behind that very tail: whatever another writer appends in between makes the append fail, and whatever
 * was appended before is marked. So nothing is appended twice.
 */
export async function extendLog(
  deps: KeeperDeps,
  accountId: string,
  signal: AbortSignal,
  onAppended: OnAppended = () => {},
): Promise<Extended> {
  let appended = 0;
  let lost = 0;
  let afterId: string | null = null;
  const misformed = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const tail = await markUpToTail(deps, accountId, signal);
    if (tail === null) return { appended, size: 0, isComplete: false };
    const keyChange = await keyChangeDue(deps, accountId, tail.size);
    const due = await listDueEntries(deps, accountId, afterId, ROUND, signal);
    for (const id of due.misformed) misformed.add(id);
    const fresh = await leaveOutLogged(deps, accountId, due, tail.size, signal);
    const texts = keyChange === null ? fresh : [keyChange, ...fresh];
    const written = await appendAll(deps, accountId, tail, texts);
    appended += written;
    if (written > 0) onAppended(written);
    if (written < texts.length) {
      lost += 1;
      if (lost === LOST_AT_MOST) return { appended, size: tail.size + written, isComplete: false };
      continue;
    }
    lost = 0;
    if (texts.length === 0 && due.lastId === null) {
      for (const id of misformed) due.refused.add('misformed', id);
      await tellRefused(deps, accountId, due.refused);
      return { appended, size: tail.size, isComplete: true };
    }
    afterId = due.lastId;
  }
}

/**
 * Notes where the entries stand that are not noted, and marks the rows of those that are not known to be marked. Null where
 * the log is shorter than it was, or its checkpoint nobody's we know: nothing may be appended to it, and signing names what
 * is wrong.
 */
async function markUpToTail(
  deps: KeeperDeps,
  accountId: string,
  signal: AbortSignal,
): Promise<LogTail | null> {
  const head = await deps.heads.find(accountId);
  const { marked, checkpoint } = head;
  if (checkpoint && !trust(deps.identity, accountId, checkpoint)) return null;
  const named = await largestNamed(deps, accountId);
  const tail = await deps.segments.findTail(accountId, marked);
  const [largest] = await listKnown(deps, accountId, head);
  if (tail.size < Math.max(marked, largest?.size ?? 0)) return null;
  if ((await findUnheld(deps, accountId, named, tail.size)) !== null) return null;
  // Before the head says that they are marked: the check of the log takes all of these for noted.
  await tryToNotePlaces(deps, accountId, tail.size, signal);
  if (tail.size === marked) return tail;
  let index = Math.floor(marked / LOG_SEGMENT_SIZE) * LOG_SEGMENT_SIZE;
  for await (const segment of deps.segments.readOn(accountId, index / LOG_SEGMENT_SIZE)) {
    const entries = segment.entries.flatMap((bytes, i) => {
      const at = index + i;
      const entry = at >= marked && at < tail.size ? parseLogEntry(bytes.toString()) : null;
      return entry ? [{ entry, index: at }] : [];
    });
    await markSubjects(deps, accountId, entries);
    index += segment.entries.length;
    if (index >= tail.size) break;
  }
  await deps.heads.raiseMarked(accountId, tail.size);
  return tail;
}

/**
 * How many of the texts were appended, from the first: fewer where another writer appended in between. None where the tail
 * bears no signature of the log's: signing what follows would cover what somebody else wrote there.
 */
async function appendAll(
  { segments, identity, signers }: KeeperDeps,
  accountId: string,
  from: LogTail,
  texts: readonly string[],
): Promise<number> {
  if (!isSegmentSigned(identity, accountId, from)) return 0;
  let tail = from;
  let done = 0;
  while (done < texts.length) {
    const { taken, ...next } = segmentAfter(tail, texts.slice(done));
    const [signer] = signers;
    const signature = await signer.sign(segmentText(identity, accountId, next));
    if (!(await segments.replaceTail(accountId, tail, { ...next, signature }))) return done;
    done += taken;
    tail = { ...next, signature, size: next.index * LOG_SEGMENT_SIZE + next.entries.length };
  }
  return done;
}
