// From an event to a signed entry.
import type { AuditKey } from '../audit/audit-keys.ts';
import { canonicalize, type JsonObject, type JsonValue } from '../audit/canonical-json.ts';
import { ENTRY_LIMIT } from '../audit/chain.ts';
import { type Entry, findBadField, readMembers, unsignedText } from '../audit/entry.ts';
import { newId } from '../audit/ids.ts';
import type { WalkedLog } from '../audit/log-walker.ts';
import type { ListedEvent } from '../audit/verdict.ts';

/** An event as a writer knows it: no place in the log yet. `event_id` and `ts` are filled in when absent. */
export type EventDraft = Readonly<{ kind: string } & Record<string, JsonValue>>;

/** An event with the id it will be found by, whatever becomes of the write. */
export type IdentifiedEvent = Readonly<{
  eventId: string;
  members: JsonObject;
  /** Whether the writer's draft stated its time. */
  isTimed: boolean;
}>;

/** An event as it was appended: enough to count it, and the chain up to it. */
export type AppendedEvent = ListedEvent & Pick<Entry, 'thisHashHex'>;

/** Leaves out the entry's members, so that many events take little memory. */
export function toAppended(entry: Entry): AppendedEvent {
  const { eventId: id, seq, ts, kind, pass, entityKind, thisHashHex } = entry;
  return { id, seq, ts, kind, pass, entityKind, thisHashHex };
}

/** A batch of entries that is ready to be written. */
export type SignedBatch = Readonly<{
  appended: readonly AppendedEvent[];
  /** Their canonical texts. */
  texts: readonly string[];
  /** The chain's hash after the last of them. */
  headHashHex: string;
}>;

/** Gives a draft its id and its time where it has none. */
export function identify(draft: EventDraft): IdentifiedEvent {
  const eventId = typeof draft.event_id === 'string' ? draft.event_id : newId('event');
  const members = new Map<string, JsonValue>(Object.entries(draft));
  const isTimed = members.has('ts');
  if (!isTimed) members.set('ts', new Date().toISOString());
  members.set('event_id', eventId);
  return { eventId, members, isTimed };
}

/**
 * Signs events into entries that follow `prevHashHex` from `firstSeq` on. Throws a RangeError for an event that would
 * make a malformed entry, and a JsonError for an event without a canonical form: both are faults of the writer.
 */
export function signEntries(
  log: WalkedLog,
  key: AuditKey,
  firstSeq: number,
  prevHashHex: string,
  events: readonly IdentifiedEvent[],
): SignedBatch {
  let headHashHex = prevHashHex;
  const digest = Buffer.alloc(32);
  const appended: AppendedEvent[] = [];
  const texts = events.map(({ eventId, members }, i) => {
    const entry: JsonObject = new Map(members);
    entry.set('seq', firstSeq + i);
    entry.set('session_id', log.sessionId);
    entry.set('agent_id', log.agentId);
    const unsigned = Buffer.from(unsignedText(entry));
    if (unsigned.length > ENTRY_LIMIT) throw tooLarge(eventId);
    key.hasher.begin(Buffer.from(headHashHex, 'hex'));
    key.hasher.add(unsigned, 0, unsigned.length);
    key.hasher.finish(digest);
    entry.set('prev_hash', headHashHex);
    headHashHex = digest.toString('hex');
    entry.set('this_hash', headHashHex);
    const text = canonicalize(entry);
    if (Buffer.byteLength(text) > ENTRY_LIMIT) throw tooLarge(eventId);
    const read = readMembers(entry);
    if (!read) throw new RangeError(`Event ${eventId} does not make a valid entry: ${problemOf(entry)}`);
    appended.push(toAppended(read));
    return text;
  });
  return { appended, texts, headHashHex };
}

function tooLarge(eventId: string): RangeError {
  return new RangeError(`Event ${eventId} is too large for an entry`);
}

function problemOf(entry: JsonObject): string {
  const field = findBadField(entry);
  if (field === 'ts') return 'ts must be a time that the calendar has, such as 2026-05-03T21:14:32.000Z';
  return `${field} is missing or ill typed, see the audit log format`;
}
