// Whether an entry of an audit log may leave with a report. Members with a type are not searched; every other text in it
// is a caller's until the leak scan says otherwise.
import type { JsonObject, JsonValue } from '../audit/canonical-json.ts';
import type { LeakFinder } from './leak-finder.ts';
import { CATALOGUE_NAMES, EVENT_KINDS, PASSES } from './section-schemas.ts';

/** Members whose type the walk has checked: ids, hashes, times and numbers. */
const TYPED = new Set([
  'agent_id',
  'confidence',
  'event_id',
  'prev_hash',
  'seq',
  'session_id',
  'span',
  'this_hash',
  'ts',
]);

/** Members with words of our own among their values. */
const OUR_WORDS = new Map<string, ReadonlySet<string>>([
  ['kind', EVENT_KINDS],
  ['pass', PASSES],
  ['entity_kind', CATALOGUE_NAMES],
]);

/** Requires an entry that a walk has passed. `finder` is that of the session's report. */
export function mayLeave(entry: JsonObject, finder: LeakFinder): boolean {
  const isClean = (text: string) => finder.find(text).length === 0;
  for (const [name, value] of entry) {
    if (TYPED.has(name)) continue;
    if (typeof value === 'string' && OUR_WORDS.get(name)?.has(value)) continue;
    if (!isClean(name) || !textsOf(value).every(isClean)) return false;
  }
  return true;
}

/** Every text in a value, names and numbers included. */
function textsOf(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (value instanceof Map) return [...value].flatMap(([name, member]) => [name, ...textsOf(member)]);
  return [String(value)];
}
