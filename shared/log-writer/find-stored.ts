// Looks for events in a log whose write may have gone in although its reply was lost.
import { type Entry, readEntry } from '../audit/entry.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import { type AppendedEvent, toAppended } from './draft.ts';

/**
 * The events that stand in the log from a position on: the first of them, and those that follow it directly. `end` is the
 * position after the last entry that was read. Rejects with the driver's error when the database is away.
 */
export async function findStored(
  audit: SegmentRepository,
  accountId: string,
  sessionId: string,
  position: number,
  eventIds: readonly string[],
): Promise<{ found: AppendedEvent[]; end: number }> {
  let begin = position % SEGMENT_SIZE;
  for (let index = Math.floor(position / SEGMENT_SIZE); ; index += 1) {
    const texts = await audit.readEntries(accountId, sessionId, index, begin);
    const found: AppendedEvent[] = [];
    for (const text of texts) {
      const entry = readEvent(text, eventIds[found.length]);
      if (entry) found.push(toAppended(entry));
      else if (found.length > 0) break;
    }
    const ends = begin + texts.length;
    if (found.length > 0 || ends < SEGMENT_SIZE) return { found, end: index * SEGMENT_SIZE + ends };
    begin = 0;
  }
}

/** The entry, if it is the event's. An id stands in an entry's text as it is, and most texts are told apart by that. */
function readEvent(text: string, eventId: string | undefined): Entry | null {
  if (eventId === undefined || !text.includes(eventId)) return null;
  const entry = readEntry(Buffer.from(text));
  return entry?.eventId === eventId ? entry : null;
}
