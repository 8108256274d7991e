// Whether an event that came from outside makes a valid entry, before anything of its batch is written.
import { canonicalize, type JsonObject, type JsonValue } from '../audit/canonical-json.ts';
import { ENTRY_LIMIT, ZERO_HASH_HEX } from '../audit/chain.ts';
import { findBadField } from '../audit/entry.ts';
import { newId } from '../audit/ids.ts';
import { describeShapes } from '../reports/leak-shapes.ts';
import { parseTime, TIME_FAULTS } from '../time/parse-time.ts';
import type { EventDraft } from './draft.ts';

/** An event that can be appended, or its first field at fault with a sentence that follows its name. */
export type CheckedDraft =
  | Readonly<{ ok: true; draft: EventDraft }>
  | Readonly<{ ok: false; field: string; problem: string }>;

/**
 * Checks an event as its writer sent it: plain JSON, with its `event_id`, `ts` and `kind`. Its time is written again in
 * UTC with milliseconds, a part of one rounded up. No problem repeats a value.
 */
export function checkDraft(sent: Readonly<Record<string, unknown>>): CheckedDraft {
  const members: JsonObject = new Map(Object.entries(sent) as [string, JsonValue][]);
  const added = ADDED.find((name) => members.has(name));
  if (added) return { ok: false, field: added, problem: 'is added by the service: leave it out' };
  const ts = members.get('ts');
  if (typeof ts === 'string') {
    const parsed = parseTime(ts);
    if (!parsed.ok) return { ok: false, field: 'ts', problem: TIME_FAULTS[parsed.fault] };
    members.set('ts', parsed.time.toISOString());
  }
  const entry = new Map([...members, ...PLACE]);
  const field = findBadField(entry);
  if (field !== null) {
    const isMissing = !members.has(field);
    return { ok: false, field, problem: isMissing ? 'is missing' : (WANTED[field] ?? 'must be a text') };
  }
  for (const name of NAMES) {
    const value = members.get(name);
    if (typeof value !== 'string') continue;
    if (Buffer.byteLength(value) > NAME_LIMIT) {
      return { ok: false, field: name, problem: `must have at most ${NAME_LIMIT} bytes` };
    }
    const contacts = describeShapes(value);
    if (contacts) {
      const problem = `reads as ${contacts}, which no report may state: name a category and nothing of a caller`;
      return { ok: false, field: name, problem };
    }
  }
  if (isTooLong(entry)) {
    return {
      ok: false,
      field: 'kind',
      problem: `and the rest of the event take more than ${ENTRY_LIMIT} bytes`,
    };
  }
  return { ok: true, draft: Object.fromEntries(members) as EventDraft };
}

/** Names that reports and lists state, with how often each occurs. */
const NAMES = ['kind', 'pass', 'entity_kind'];
const NAME_LIMIT = 128;

const ADDED = ['seq', 'session_id', 'agent_id', 'prev_hash', 'this_hash'];

/** Stands for what the service adds, at its longest. */
const PLACE: readonly [string, JsonValue][] = [
  ['seq', 1e9],
  ['session_id', newId('session')],
  ['agent_id', newId('agent')],
  ['prev_hash', ZERO_HASH_HEX],
  ['this_hash', ZERO_HASH_HEX],
];

const WANTED: Readonly<Record<string, string>> = {
  event_id: 'must be evt_ and a ULID in capitals',
  ts: 'must be an ISO 8601 time',
  entity_kind: 'must be a text of at most 128 bytes',
  span: 'must be [start, end], two whole numbers, the second no smaller than the first',
  confidence: 'must be a number from 0 to 1',
};

/** A UTF-16 unit of JSON takes three bytes at most: most events are told to be short by that. */
function isTooLong(entry: JsonObject): boolean {
  let units = 0;
  for (const [name, value] of entry) units += name.length + JSON.stringify(value).length + 4;
  return units * 3 > ENTRY_LIMIT && Buffer.byteLength(canonicalize(entry)) > ENTRY_LIMIT;
}
