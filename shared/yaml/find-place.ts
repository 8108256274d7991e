// Where in a YAML text a value stands, for whoever has to mend it.
import { EVENT_ID, parseEvents } from 'js-yaml';

/** Line and column of a place in a text, from 1 on. */
export type TextPlace = Readonly<{ line: number; column: number }>;

type Event = Readonly<{
  type: number;
  start?: number;
  valueStart?: number;
  valueEnd?: number;
  anchorStart?: number;
  explicitStart?: boolean;
}>;

/** Gives the place of the value at a path of keys and positions. */
export type FindYamlPlace = (path: readonly PropertyKey[]) => TextPlace;

/**
 * Reads a text once for many places, when the first is asked for. A path gives the place of its value, or of the innermost
 * value above it that is there: a key that is missing has none. `text` must be YAML that `loadYaml` takes. Each place costs
 * time in proportion to the text.
 */
export function openYamlPlaces(text: string): FindYamlPlace {
  let events: Event[] | null = null;
  return (path) => {
    events ??= readEvents(text);
    return placeAt(text, descend(text, events, path) ?? 0);
  };
}

/** Names a value to whoever has to mend it: `entities.NAME (line 3, column 5)`. */
export function describePlace(shown: readonly PropertyKey[], { line, column }: TextPlace): string {
  return `${shown.join('.')} (line ${line}, column ${column})`;
}

/** The place of the first alias of a text; null where it has none. Throws a `YAMLException` for a text that is no YAML. */
export function findAlias(text: string): TextPlace | null {
  const alias = readEvents(text).find(({ type }) => type === EVENT_ID.ALIAS);
  // The star stands before the name.
  return alias ? placeAt(text, alias.anchorStart! - 1) : null;
}

/** Where the second document of a text begins; null where it has one at most. Throws as `findAlias` does. */
export function findSecondDocument(text: string): TextPlace | null {
  const events = readEvents(text);
  const [first, second] = [...events.entries()].filter(([, { type }]) => type === EVENT_ID.DOCUMENT);
  if (!first || !second) return null;
  if (!second[1].explicitStart) return placeAt(text, offsetOf(events[second[0] + 1]) ?? text.length);
  // No line inside a document begins with the mark.
  const marks = [...text.matchAll(/^---(?=\s|$)/gm)];
  return placeAt(text, marks[first[1].explicitStart ? 1 : 0]?.index ?? text.length);
}

function readEvents(text: string): Event[] {
  return parseEvents(text, {}) as unknown as Event[];
}

/** The offset of the value at the path. A mapping's events are keys and values in turn, and a POP at its end. */
function descend(text: string, events: readonly Event[], path: readonly PropertyKey[]): number | null {
  // Behind the document's own event.
  let at = 1;
  let found = offsetOf(events[at]);
  for (const step of path) {
    const { type } = events[at] ?? { type: EVENT_ID.POP };
    if (type !== EVENT_ID.MAPPING && type !== EVENT_ID.SEQUENCE) break;
    const child = findChild(text, events, at, step);
    if (child === null) break;
    at = child.value;
    found = child.shown ?? found;
  }
  return found;
}

/** The event of a container's member, and the offset to show: that of the member's key where it has one. */
function findChild(
  text: string,
  events: readonly Event[],
  container: number,
  step: PropertyKey,
): { value: number; shown: number | null } | null {
  const isMapping = events[container]?.type === EVENT_ID.MAPPING;
  let at = container + 1;
  for (let position = 0; at < events.length && events[at]?.type !== EVENT_ID.POP; position += 1) {
    const key = events[at]!;
    const value = isMapping ? behind(events, at) : at;
    const isWanted = isMapping ? keyText(text, key) === String(step) : position === step;
    if (isWanted) return { value, shown: offsetOf(key) ?? offsetOf(events[value]) };
    at = behind(events, value);
  }
  return null;
}

/** The event behind a whole value. */
function behind(events: readonly Event[], begin: number): number {
  let depth = 0;
  for (let at = begin; at < events.length; at += 1) {
    const { type } = events[at]!;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth += 1;
    if (type === EVENT_ID.POP) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return events.length;
}

/** As it stands in the text: a key with an escape in it is not found, and its mapping is shown. */
function keyText(text: string, { type, valueStart, valueEnd }: Event): string | null {
  return type === EVENT_ID.SCALAR ? text.slice(valueStart, valueEnd) : null;
}

/** Null for a value of no characters, which stands nowhere. */
function offsetOf(event: Event | undefined): number | null {
  const offset = event?.valueStart ?? event?.start ?? -1;
  return offset < 0 ? null : offset;
}

export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
