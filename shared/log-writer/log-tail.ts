// The end of a log: where it grows, found by probing from the recorded size, and checked before anything is built on
// it.
import type { AuditKey } from '../audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { readEntry } from '../audit/entry.ts';
import { LogWalker, type WalkedLog } from '../audit/log-walker.ts';
import { type FailedLog, failed } from '../audit/verdict.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import type { LogTail } from '../log-store/segment-row.ts';
import type { Freshness } from '../mongo/evidence.ts';

/** How often a log is read before what was there counts as gone. */
export const READ_TRIES = 5;

/** The tail of an empty log: the first segment comes after it. */
const NO_SEGMENT: LogTail = {
  index: -1,
  count: SEGMENT_SIZE,
  headHashHex: ZERO_HASH_HEX,
  closed: false,
  closing: null,
  lastEntry: null,
  damaged: null,
};

/** The segment that holds the last of a log's `size` entries; 0 for an empty log. */
export function lastSegmentAt(size: number): number {
  return Math.max(0, Math.ceil(size / SEGMENT_SIZE) - 1);
}

/**
 * The last segment of a log that is known to reach to the segment `from`. Searches a log that was cut before `from` for
 * its end from the start; an empty log has a tail of index -1. Rejects with the driver's error when the database is
 * away.
 */
export async function findTail(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  from: number,
  fresh: Freshness,
): Promise<LogTail> {
  const tail = await audit.findTail(accountId, sessionId, from, fresh);
  if (tail || from === 0) return tail ?? NO_SEGMENT;
  return (await audit.findTail(accountId, sessionId, 0, fresh)) ?? NO_SEGMENT;
}

/**
 * The tail of a short log, by one look that needs no row: it can be asked for beside the row, and may be older than it.
 * Null for a longer log, whose tail `findTail` finds.
 */
export async function findTailOfShort(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  fresh: Freshness,
): Promise<LogTail | null> {
  const tail = await audit.findTailOfShort(accountId, sessionId, fresh);
  return tail === undefined ? null : (tail ?? NO_SEGMENT);
}

/** Whether two reads of a tail saw the same one: a swap that failed on the first fails on the second. */
export function isSameTail(a: LogTail, b: LogTail): boolean {
  return a.index === b.index && a.count === b.count && a.headHashHex === b.headHashHex;
}

/** The log's size by its tail: the position of the entry that will be appended next. */
export function sizeAt(tail: LogTail): number {
  return tail.index * SEGMENT_SIZE + tail.count;
}

/**
 * Checks what will be built upon: that the last entry is the one that the key signed for its place, and that the log is
 * no shorter than recorded. Null where both hold, and for an empty log.
 */
export function checkTail(
  log: WalkedLog,
  key: AuditKey,
  tail: LogTail,
  recordedSize: number,
): FailedLog | null {
  if (tail.damaged) return failed(tail.damaged, tail.index * SEGMENT_SIZE, null, null);
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
  if (fault) {
    const name = fault.fault === 'sequence' ? 'gap' : fault.fault;
    return failed(name, fault.seq, fault.expected, fault.calculated);
  }
  const thisHash = readEntry(bytes)?.thisHashHex ?? null;
  return thisHash === tail.headHashHex ? null : failed('altered', size - 1, tail.headHashHex, thisHash);
}
