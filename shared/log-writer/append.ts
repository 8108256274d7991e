// Appending to a session's log, by any number of writers at once. The last segment is the head: a batch goes in by one
// compare-and-swap on it, so there is no fork, no gap, and nothing half written. The session's row follows behind.
//
// A library for the services that write sessions. In this repository only the demo, the benchmark and tests call it.
import type { Keyring } from '../audit/audit-keys.ts';
import { checkRecord } from '../audit/check-record.ts';
import { type Entry, readEntry } from '../audit/entry.ts';
import type { WalkedLog } from '../audit/log-walker.ts';
import type { FailedLog, UnverifiableLog } from '../audit/verdict.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { LogTail, SegmentRepository } from '../log-store/segment-repository.ts';
import { asStoreFailure } from '../mongo/store-failure.ts';
import { logRecordOf } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import {
  type AppendedEvent,
  type EventDraft,
  identify,
  type SignedBatch,
  signEntries,
  toAppended,
} from './draft.ts';
import { checkTail, findTail, findTailOfShort, lastSegmentAt, sizeAt } from './log-tail.ts';
import { raiseRow } from './raise-row.ts';

/** The dependencies of a log's writer: segments, session rows and the audit keys. */
export type LogWriterDeps = Readonly<{
  audit: SegmentRepository;
  sessions: SessionRepository;
  keyring: Keyring;
}>;

/** How an append ended. A failed or unverifiable log takes no more events. */
export type AppendResult =
  /** `eventIds` are those of the drafts, in their order. */
  | Readonly<{ status: 'appended'; eventIds: readonly string[] }>
  /** The log is closed; `eventIds` are those that went in before. */
  | Readonly<{ status: 'closed'; eventIds: readonly string[] }>
  | Readonly<{ status: 'no_session' }>
  | FailedLog
  | UnverifiableLog;

/**
 * Appends events in order, in one batch where they fit into the last segment and several where they do not. The last
 * entry is checked first: a tail that is not as its key signed it is returned as a failed log, and nothing is appended.
 * When a reply is lost or another writer was faster, the log is searched for the events before they are tried again,
 * so each goes in exactly once.
 *
 * One event takes three round trips: the row and the tail at once, the swap, the row again. A log of more than three
 * segments takes one more for its tail. Each further segment takes one more, and so does a batch with an `event_id` of
 * the caller's own, since it may be in already: the last segment is read for it.
 * Rejects with a RangeError or a JsonError for an event that makes no valid entry, and with the driver's error when the
 * database stays away.
 */
export async function appendEvents(
  deps: LogWriterDeps,
  accountId: string,
  sessionId: string,
  drafts: readonly EventDraft[],
): Promise<AppendResult> {
  const [session, tailBeside] = await Promise.all([
    deps.sessions.find(accountId, sessionId),
    findTailOfShort(deps.audit, accountId, sessionId),
  ]);
  if (!session) return { status: 'no_session' };
  const damaged = checkRecord(logRecordOf(session));
  if (damaged) return damaged;
  if (session.log.seal !== null) return { status: 'closed', eventIds: [] };
  const { key, verdict } = deps.keyring.find({ ...session, ...session.log });
  if (!key) return verdict;

  const log: WalkedLog = { agentId: session.agentId, sessionId };
  const events = drafts.map(identify);
  const eventIds = events.map(({ eventId }) => eventId);
  const appended: AppendedEvent[] = [];
  let failures = 0;
  let from = lastSegmentAt(session.log.size);
  // An event that came with its id may be tried for the second time, or by two writers at once.
  const mayRepeat = drafts.some((draft) => draft.event_id !== undefined);
  /** The first position where the next events may stand already; null where they cannot. */
  let searchFrom = mayRepeat ? from * SEGMENT_SIZE : null;
  /** The tail as it was read beside the row, or as this appender just left it; null where it has to be read. */
  let known = tailBeside;
  while (appended.length < events.length) {
    const mayBeOld = known !== null;
    const tail: LogTail = known ?? (await findTail(deps.audit, accountId, sessionId, from));
    known = null;
    if (searchFrom !== null) {
      // Searches after the tail was read: an event that comes in later makes the swap on that tail fail.
      const missing = eventIds.slice(appended.length);
      const found = await findStored(deps.audit, accountId, sessionId, searchFrom, missing);
      appended.push(...found);
      if (found.length > 0) continue;
    }
    const fault = checkTail(log, key, tail, session.log.size);
    // A tail that is older than the row may lack entries that the row has recorded.
    if (fault && mayBeOld) continue;
    if (fault) return fault;
    if (tail.closed) return { status: 'closed', eventIds: eventIds.slice(0, appended.length) };
    from = Math.max(0, tail.index);
    const size = sizeAt(tail);
    const batch = events.slice(appended.length, appended.length + roomAfter(tail));
    const signed = signEntries(log, key, size, tail.headHashHex, batch);
    searchFrom = size;
    try {
      known = await write(deps.audit, accountId, sessionId, tail, signed);
      if (known) {
        appended.push(...signed.appended);
        searchFrom = null;
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > LOST_REPLIES) throw error;
    }
  }
  try {
    await raiseRow(deps, session, appended);
  } catch (error) {
    // The events are in: whoever appends or closes next brings the row up to them.
    if (!asStoreFailure(error)) throw error;
  }
  return { status: 'appended', eventIds };
}

/**
 * Writes a batch behind the tail, by one compare-and-swap. Returns the tail after it; null where it was another by
 * then.
 */
async function write(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  tail: LogTail,
  { texts, headHashHex }: SignedBatch,
): Promise<LogTail | null> {
  const after = { headHashHex, closed: false, lastEntry: texts.at(-1) ?? null, damaged: false };
  if (tail.count < SEGMENT_SIZE) {
    const extended = await audit.extendTail(accountId, sessionId, tail, texts, headHashHex);
    return extended ? { ...after, index: tail.index, count: tail.count + texts.length } : null;
  }
  const index = tail.index + 1;
  const inserted = await audit.insertSegment(accountId, sessionId, index, texts, headHashHex);
  return inserted ? { ...after, index, count: texts.length } : null;
}

/** Replies that may be lost one after the other before the database counts as away. */
const LOST_REPLIES = 3;

function roomAfter(tail: LogTail): number {
  return tail.count < SEGMENT_SIZE ? SEGMENT_SIZE - tail.count : SEGMENT_SIZE;
}

/** The events that stand in the log from a position on: the first of them, and those that follow it directly. */
async function findStored(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  position: number,
  eventIds: readonly string[],
): Promise<AppendedEvent[]> {
  let begin = position % SEGMENT_SIZE;
  for (let index = Math.floor(position / SEGMENT_SIZE); ; index += 1) {
    const texts = await audit.readEntries(accountId, sessionId, index, begin);
    const found: AppendedEvent[] = [];
    for (const text of texts) {
      const entry = readEvent(text, eventIds[found.length]);
      if (entry) found.push(toAppended(entry));
      else if (found.length > 0) break;
    }
    if (found.length > 0 || begin + texts.length < SEGMENT_SIZE) return found;
    begin = 0;
  }
}

/** The entry, if it is the event's. An id stands in an entry's text as it is, and most texts are told apart by that. */
function readEvent(text: string, eventId: string | undefined): Entry | null {
  if (eventId === undefined || !text.includes(eventId)) return null;
  const entry = readEntry(Buffer.from(text));
  return entry?.eventId === eventId ? entry : null;
}
