// Changes to canonical JSON, member by member, through Maps: names such as `__proto__` stay names.
import {
  canonicalize,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../../shared/audit/canonical-json.ts';

export type Change = JsonValue | undefined | ((value: JsonValue) => JsonValue);

/** Changes by path, such as `audit_log.event_count`; a number is an index. Undefined takes the member out. */
export type Changes = Readonly<Record<string, Change>>;

/** The canonical text with these changes. */
export function edit(text: string, changes: Changes): string {
  return canonicalize(editValue(parseJson(text), changes));
}

/** The value, changed in place. */
export function editValue(root: JsonValue, changes: Changes): JsonValue {
  for (const [path, change] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop() as string;
    const holder = names.reduce<JsonValue>(memberOf, root);
    const before = memberOf(holder, last);
    const after = typeof change === 'function' ? change(before) : change;
    if (Array.isArray(holder)) {
      if (after === undefined) holder.splice(Number(last), 1);
      else holder[Number(last)] = after;
    } else if (after === undefined) (holder as JsonObject).delete(last);
    else (holder as JsonObject).set(last, after);
  }
  return root;
}

function memberOf(value: JsonValue, name: string): JsonValue {
  if (Array.isArray(value)) return value[Number(name)] as JsonValue;
  if (value instanceof Map) return value.get(name) as JsonValue;
  throw new Error(`The corpus changes a member ${name} that is not there`);
}

/** A value as Maps, for a change. */
export function json(value: unknown): JsonValue {
  return parseJson(canonicalize(value));
}

/** A hex text with its first digit changed. */
export const otherHex = (value: JsonValue): string => {
  const text = value as string;
  return `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`;
};

/** An id with its last digit changed. */
export const otherId = (value: JsonValue): string => {
  const text = value as string;
  return `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`;
};

export const more = (value: JsonValue): number => (value as number) + 1;
export const less = (value: JsonValue): number => (value as number) - 1;
