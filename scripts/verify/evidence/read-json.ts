// Canonical JSON out of a stranger's file, and its members.
import {
  canonicalize,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../../shared/audit/decode-utf8.ts';
import { decodeBase64 } from '../../../shared/transparency/exact-text.ts';
import { isIsoTime } from '../../../shared/transparency/exact-times.ts';
import { findExcess } from '../read-report-file.ts';
import { unchecked, wrong } from './verdict.ts';

export function readText(bytes: Uint8Array, what: string): string {
  return decodeUtf8(bytes) ?? wrong(`${what} is not UTF-8`);
}

/** The value of a text in canonical form. */
export function readCanonical(text: string, what: string): JsonValue {
  try {
    const value = parseJson(text);
    if (canonicalize(value) === text) return value;
  } catch (error) {
    if (error instanceof JsonError) wrong(`${what} cannot be read: ${error.message}`);
    throw error;
  }
  return wrong(`${what} is not in canonical form`);
}

/** The value of a file of canonical JSON. */
export function readJsonFile(bytes: Uint8Array, what: string): JsonValue {
  const excess = findExcess(bytes);
  // A report over more sessions than usual may be honest: it is not called false for its size.
  if (excess !== null) unchecked(`${what} was not read: ${excess}`);
  return readCanonical(readText(bytes, what), what);
}

/**
 * The lines that each are canonical JSON and end in a line end: stretches of the bytes, about as many as are stated. Reads
 * one after the other and stops where it finds something wrong, since a stretch takes more memory than a short line.
 */
export function readLines(bytes: Uint8Array, what: string, stated: number): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let strange = 0;
  for (let begin = 0; begin < bytes.length; ) {
    const end = bytes.indexOf(LINE_END, begin);
    if (end < 0) return wrong(`the last line of ${what} does not end`);
    const line = bytes.subarray(begin, end);
    const place = `line ${lines.length + 1} of ${what}`;
    if (line.length > LINE_LIMIT) wrong(`${place} has more than ${LINE_LIMIT} bytes`);
    // What a session's log and the account log hold names its session.
    const isEntry = isText(at(readCanonical(readText(line, place), place), 'session_id'));
    if (!isEntry || lines.length >= stated) strange += 1;
    if (strange > STRANGE_LINES_LIMIT) wrong(`${place}, and others, are no entries, or not among ${stated}`);
    lines.push(line);
    begin = end + 1;
  }
  return lines;
}

const LINE_END = 0x0a;
/** Bytes of a line. It may be longer than an entry, so that the axis `entries` can tell what is wrong with it. */
const LINE_LIMIT = 65_536;
/** Lines that are no entries, or are beyond the number stated. A few are read, for the axis `entries`, too. */
const STRANGE_LINES_LIMIT = 10;

/** The member at a path; undefined where there is none. */
export function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (found, name) => (found instanceof Map ? found.get(name) : undefined),
    value,
  );
}

export type Test = (value: JsonValue | undefined) => boolean;

export const isText: Test = (value) => typeof value === 'string';
export const isNumber: Test = (value) => typeof value === 'number';
/** A whole number, exactly held by a double. */
export const isWhole: Test = (value) => Number.isSafeInteger(value);
/** A whole number, from 0 on. */
export const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isObject: Test = (value) => value instanceof Map;
export const isTexts: Test = (value) => Array.isArray(value) && value.every(isText);
export const isNumbers: Test = (value) => Array.isArray(value) && value.every(isNumber);

/** Whether an object has these members, each as its test wants it, and no others. */
export function hasExactly(
  value: JsonValue | undefined,
  tests: Readonly<Record<string, Test>>,
): value is JsonObject {
  if (!(value instanceof Map) || value.size !== Object.keys(tests).length) return false;
  return Object.entries(tests).every(([name, test]) => value.has(name) && test(value.get(name)));
}

/**
 * The milliseconds since 1970 of a time in UTC, with milliseconds or without; null for anything else. `Date` alone takes
 * more spellings of a time than the other verifiers do, days that do not exist, and years beyond 9999.
 */
export function timeOf(value: JsonValue | undefined): number | null {
  if (typeof value !== 'string') return null;
  const exact = value.replace(/(?<=:\d\d)Z$/, '.000Z');
  return isIsoTime(exact) ? Date.parse(exact) : null;
}

/** Hashes of a proof. Their length is for whoever puts them together. */
export function readHashes(value: JsonValue | undefined, what: string): Uint8Array[] {
  if (!Array.isArray(value)) return wrong(`the hashes of ${what} are no list`);
  return value.map((text, i) => {
    const bytes = typeof text === 'string' ? decodeBase64(text) : null;
    return bytes ?? wrong(`hash ${i} of ${what} is no base64`);
  });
}
