// The JSON of a bundle's records, read strictly: a member that is given twice would be lost, and bytes that are no UTF-8
// would be stored as others.
import { JsonError, type JsonValue, parseJson } from '../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';

/** A value whose objects are plain, for a schema; or what is wrong with the bytes, without a value of them. */
export type PlainJson = Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false; problem: string }>;

export function readPlainJson(bytes: Uint8Array): PlainJson {
  const text = decodeUtf8(bytes);
  if (text === null) return { ok: false, problem: 'is not UTF-8' };
  try {
    return { ok: true, value: toPlain(parseJson(text)) };
  } catch (error) {
    if (error instanceof JsonError) return { ok: false, problem: `is not JSON: ${error.message}` };
    throw error;
  }
}

function toPlain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  // Defines each name as its own, `__proto__` too.
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, each]) => [name, toPlain(each)]));
  return value;
}
