// Where the events of a log stand in it, by their ids, so that an event that comes a second time is known: read from the
// stored entries as far as the log goes, and kept for the next batch.
import { type Entry, readEntry, unsignedText } from '../audit/entry.ts';
import { SEGMENT_SIZE } from '../log-store/segment.ts';
import type { SegmentRepository } from '../log-store/segment-repository.ts';
import type { IdentifiedEvent } from './draft.ts';

/** How an event compares with the entry of its id. */
export type Placed = 'absent' | 'there' | 'conflict';

/** The places of one log's events, from a position on. Writers at once may share it. */
export class EventPlaces {
  readonly #seqs = new Map<string, number>();
  #end: number;

  /** `begin`: the position from which the log is read. */
  constructor(begin = 0) {
    this.#end = begin;
  }

  /** The position as far as the log was read. */
  get end(): number {
    return this.#end;
  }

  /** Events whose place is known. */
  get count(): number {
    return this.#seqs.size;
  }

  /**
   * Reads what the log has up to `size` and is not known yet. False where the log has less.
   * Rejects with the driver's error.
   */
  async readTo(
    audit: SegmentRepository,
    accountId: string,
    sessionId: string,
    size: number,
  ): Promise<boolean> {
    while (this.#end < size) {
      const begin = this.#end;
      const index = Math.floor(begin / SEGMENT_SIZE);
      const texts = await audit.readEntries(accountId, sessionId, index, begin % SEGMENT_SIZE);
      if (texts.length === 0) return false;
      this.add(begin, texts);
    }
    return true;
  }

  /** Takes entries that stand in the log from `begin` on. Entries that do not follow what is known are left out. */
  add(begin: number, texts: readonly string[]): void {
    if (begin > this.#end) return;
    for (const [i, text] of texts.entries()) {
      const eventId = findEventId(text);
      if (eventId !== null) this.#seqs.set(copyOf(eventId), begin + i);
    }
    this.#end = Math.max(this.#end, begin + texts.length);
  }

  /** Compares each event with the entry that has its id. Reads the segments that hold one. Rejects as `readTo`. */
  async compare(
    audit: SegmentRepository,
    accountId: string,
    sessionId: string,
    events: readonly IdentifiedEvent[],
  ): Promise<Placed[]> {
    const segments = new Map<number, readonly string[]>();
    const placed: Placed[] = [];
    for (const event of events) {
      const seq = this.#seqs.get(event.eventId);
      if (seq === undefined) {
        placed.push('absent');
        continue;
      }
      const index = Math.floor(seq / SEGMENT_SIZE);
      const texts = segments.get(index) ?? (await audit.readEntries(accountId, sessionId, index));
      segments.set(index, texts);
      const entry = readEntry(Buffer.from(texts[seq % SEGMENT_SIZE] ?? ''));
      placed.push(entry?.eventId === event.eventId ? compareContent(entry, event) : 'absent');
    }
    return placed;
  }
}

/** Of the places that are kept, the number of events and of logs at most. An event takes some 100 bytes. */
const KEPT_EVENTS = 500_000;
const KEPT_LOGS = 2_000;

/** Gives the places of a log that were kept, or new ones. */
export type KeptPlaces = (accountId: string, sessionId: string) => EventPlaces;

/** Keeps the places of the logs that were used last. Whatever it forgets is read again. */
export function keepPlaces(): KeptPlaces {
  const kept = new Map<string, EventPlaces>();
  return (accountId, sessionId) => {
    const name = `${accountId}/${sessionId}`;
    const places = kept.get(name) ?? new EventPlaces();
    // The last in the map is the one that was used last.
    kept.delete(name);
    kept.set(name, places);
    let events = 0;
    for (const { count } of kept.values()) events += count;
    for (const [oldest, { count }] of kept) {
      if (oldest === name || (events <= KEPT_EVENTS && kept.size <= KEPT_LOGS)) break;
      kept.delete(oldest);
      events -= count;
    }
    return places;
  };
}

const EVENT_ID = /"event_id":"(evt_[0-9A-Z]{26})"/g;

/** The id in an entry's text, which is canonical. Only where a member holds another one does it take a whole reading. */
function findEventId(text: string): string | null {
  const [first, second] = text.matchAll(EVENT_ID);
  if (second) return readEntry(Buffer.from(text))?.eventId ?? null;
  return first?.[1] ?? null;
}

/** Copies the characters: to V8, a part of a text is a place in the whole, which it would keep. */
function copyOf(id: string): string {
  return Buffer.from(id, 'latin1').toString('latin1');
}

/** The entry's own place and names count for nothing, and neither does a time that the writer filled in. */
function compareContent(entry: Entry, { members, isTimed }: IdentifiedEvent): Placed {
  const stated = new Map(members);
  for (const name of ['seq', 'session_id', 'agent_id', ...(isTimed ? [] : ['ts'])]) {
    stated.set(name, entry.members.get(name) as string);
  }
  return unsignedText(stated) === unsignedText(entry.members) ? 'there' : 'conflict';
}
