// Appending to a session's log, by any number of writers at once. The last segment is the head: a batch goes in by one
// compare-and-swap on it, so there is no fork, no gap, and nothing half written. The session's row follows behind.

import type { AuditKey, Keyring } from '../audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { checkRecord } from '../audit/check-record.ts';
import { readEntry } from '../audit/entry.ts';
import { LogWalker, type WalkedLog } from '../audit/log-walker.ts';
import { type FailedLog, failed, type UnverifiableLog } from '../audit/verdict.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { LogTail, SegmentRepository } from '../log-store/segment-repository.ts';
import { asStoreFailure } from '../mongo/store-failure.ts';
import { logRecordOf } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import { type EventDraft, identify, signEntries } from './draft.ts';
import { raiseRow } from './raise-row.ts';

export type LogWriterDeps = Readonly<{
  audit: SegmentRepository;
  sessions: SessionRepository;
  keyring: Keyring;
}>;

export type AppendResult =
  | Readonly<{ status: 'appended'; eventIds: readonly string[] }>
  /** The log is closed; `eventIds` are those that went in before. */
  | Readonly<{ status: 'closed'; eventIds: readonly string[] }>
  | Readonly<{ status: 'no_session' }>
  | FailedLog
  | UnverifiableLog;

/**
 * Appends events in order, in one batch where they fit into the last segment and several where they do not. What is
 * built upon is checked first: a tail that is not what its key signed is returned as wrong, and nothing is appended.
 * When a reply is lost or another writer was faster, the log is searched for the events before they are tried again,
 * so each goes in exactly once. Throws the driver's error when the database stays away.
 */
export async function appendEvents(
  deps: LogWriterDeps,
  accountId: string,
  sessionId: string,
  drafts: readonly EventDraft[],
): Promise<AppendResult> {
  const session = await deps.sessions.find(accountId, sessionId);
  if (!session) return { status: 'no_session' };
  const damaged = checkRecord(logRecordOf(session));
  if (damaged) return damaged;
  if (session.log.seal !== null) return { status: 'closed', eventIds: [] };
  const key = deps.keyring.find(session.log.keyId, session.log.keyCheck);
  if (!key) return { status: 'unverifiable', reason: 'unknown_key', keyId: session.log.keyId };

  const log: WalkedLog = { agentId: session.agentId, sessionId };
  const events = drafts.map(identify);
  const eventIds = events.map(({ eventId }) => eventId);
  let stored = 0;
  let failures = 0;
  let from = Math.floor(session.log.size / SEGMENT_SIZE);
  // An event that was given its id may be tried for the second time, or by two writers at once.
  const mayRepeat = drafts.some((draft) => draft.event_id !== undefined);
  let lookFirst = mayRepeat;
  while (stored < events.length) {
    const tail = await findTail(deps.audit, accountId, sessionId, from, session.log.size);
    if (lookFirst) {
      // Looked for after the tail was read: what comes in later makes the swap on that tail fail.
      const found = await countStored(deps.audit, accountId, sessionId, from, eventIds.slice(stored));
      stored += found;
      if (found > 0) continue;
    }
    const fault = checkTail(log, key, tail, session.log.size);
    if (fault) return fault;
    if (tail.closed) return { status: 'closed', eventIds: eventIds.slice(0, stored) };
    from = Math.max(0, tail.index);
    const batch = events.slice(stored, stored + roomAfter(tail));
    const { texts, headHashHex } = signEntries(log, key, sizeAt(tail), tail.headHashHex, batch);
    try {
      const written =
        tail.count < SEGMENT_SIZE
          ? await deps.audit.extendTail(accountId, sessionId, tail, texts, headHashHex)
          : await deps.audit.insertSegment(accountId, sessionId, tail.index + 1, texts, headHashHex);
      if (written) stored += batch.length;
      lookFirst = mayRepeat || !written;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > LOST_REPLIES) throw error;
      lookFirst = true;
    }
  }
  try {
    await raiseRow(deps, accountId, sessionId);
  } catch (error) {
    // The events are in: whoever appends or closes next raises the row.
    if (!asStoreFailure(error)) throw error;
  }
  return { status: 'appended', eventIds };
}

/** Replies that may be lost in a row before the database counts as away. */
const LOST_REPLIES = 3;

/** What stands before the first segment. */
const NO_SEGMENT: LogTail = {
  index: -1,
  count: SEGMENT_SIZE,
  headHashHex: ZERO_HASH_HEX,
  closed: false,
  lastEntry: null,
  damaged: false,
};

/** The segment where the log grows. `from` is where its recorded size points. */
export async function findTail(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  from: number,
  recordedSize: number,
): Promise<LogTail> {
  const tail = await audit.findTail(accountId, sessionId, from);
  if (tail) return tail;
  if (from === 0) return NO_SEGMENT;
  // A log that ends with a full segment has none yet where its size points; any other was cut, and is searched for its
  // end from the start.
  const before =
    recordedSize % SEGMENT_SIZE === 0 ? await audit.findTail(accountId, sessionId, from - 1) : null;
  return before ?? (await audit.findTail(accountId, sessionId, 0)) ?? NO_SEGMENT;
}

/** Position of the entry that will be appended next. */
export function sizeAt(tail: LogTail): number {
  return tail.index * SEGMENT_SIZE + tail.count;
}

/** Checks what is to be built upon: the last entry, and that the log is no shorter than recorded. */
export function checkTail(
  log: WalkedLog,
  key: AuditKey,
  tail: LogTail,
  recordedSize: number,
): FailedLog | null {
  if (tail.damaged) return failed('altered', tail.index * SEGMENT_SIZE, null, null);
  const size = sizeAt(tail);
  if (size < recordedSize) return failed('truncated', size, String(recordedSize), String(size));
  if (tail.lastEntry === null) {
    // Only a close leaves an empty segment.
    return tail === NO_SEGMENT || (tail.closed && tail.count === 0)
      ? null
      : failed('altered', size, null, null);
  }
  const bytes = Buffer.from(tail.lastEntry);
  const fault = new LogWalker(log, key.hasher, { begin: size - 1 }).step(bytes, 0, bytes.length);
  if (fault)
    return failed(
      fault.fault === 'sequence' ? 'gap' : fault.fault,
      fault.seq,
      fault.expected,
      fault.calculated,
    );
  const thisHash = readEntry(bytes)?.thisHashHex ?? null;
  return thisHash === tail.headHashHex ? null : failed('altered', size - 1, tail.headHashHex, thisHash);
}

function roomAfter(tail: LogTail): number {
  return tail.count < SEGMENT_SIZE ? SEGMENT_SIZE - tail.count : SEGMENT_SIZE;
}

/** How many of the events, in order, went in although the reply was lost or the swap failed. */
async function countStored(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  fromIndex: number,
  eventIds: readonly string[],
): Promise<number> {
  for (let index = fromIndex; ; index += 1) {
    const entries = await audit.readEntries(accountId, sessionId, index);
    const ids = entries.map((text) => readEntry(Buffer.from(text))?.eventId);
    const begin = ids.indexOf(eventIds[0]);
    if (begin >= 0) return eventIds.filter((id, i) => ids[begin + i] === id).length;
    if (entries.length < SEGMENT_SIZE) return 0;
  }
}
