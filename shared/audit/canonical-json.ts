// Canonical JSON, RFC 8785 (JCS), and the strict parser (I-JSON, RFC 7493) that goes with it. Text is emitted
// directly: rebuilding a sorted object would lose `__proto__` and reorder integer-like keys.

/** A JSON value; objects are Maps, so every name is legal and none is special. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

/** Not JSON, or JSON that has no canonical form. The message holds an offset, never content. */
export class JsonError extends Error {
  constructor(problem: string, offset?: number) {
    super(offset === undefined ? problem : `${problem} at offset ${offset}`);
    this.name = 'JsonError';
  }
}

/** Deeper values are refused, so that hostile input cannot exhaust the stack. */
const DEPTH_LIMIT = 256;

/**
 * The RFC 8785 text of a value: JSON primitives, arrays, Maps with string keys and plain objects.
 * Throws a `JsonError` for what has no canonical form: NaN, infinities, lone surrogates, undefined, functions.
 */
export function canonicalize(value: unknown): string {
  return emit(value, 0);
}

function emit(value: unknown, depth: number): string {
  if (depth > DEPTH_LIMIT) throw new JsonError('Nested too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return emitString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new JsonError('Not a finite number');
    return String(value); // ECMAScript's own form is RFC 8785's, and -0 prints as 0
  }
  if (Array.isArray(value)) return emitArray(value, depth);
  if (typeof value !== 'object') throw new JsonError('Not a JSON value');
  const isMap = value instanceof Map;
  const names: unknown[] = isMap ? [...value.keys()] : Object.keys(value);
  if (isMap && !names.every((name) => typeof name === 'string')) throw new JsonError('Not a property name');
  // The default sort compares UTF-16 code units, which is the order of RFC 8785 section 3.2.3.
  names.sort();
  let text = '';
  for (const name of names as string[]) {
    const member: unknown = isMap ? value.get(name) : (value as Record<string, unknown>)[name];
    const emittedName = isMap ? emitString(name) : emitOurName(name);
    text += `${text === '' ? '' : ','}${emittedName}:${emit(member, depth + 1)}`;
  }
  return `{${text}}`;
}

function emitArray(items: readonly unknown[], depth: number): string {
  let text = '';
  for (let i = 0; i < items.length; i += 1) text += `${i === 0 ? '' : ','}${emit(items[i], depth + 1)}`;
  return `[${text}]`;
}

/**
 * Names of plain objects, which are ours, as they are emitted: the same few come again and again, and make a third of the
 * work. Names of Maps may be anything, and are not kept.
 */
const ourNames = new Map<string, string>();
const OUR_NAMES_MAX = 500;

function emitOurName(name: string): string {
  const known = ourNames.get(name);
  if (known !== undefined) return known;
  const emitted = emitString(name);
  if (ourNames.size < OUR_NAMES_MAX) ourNames.set(name, emitted);
  return emitted;
}

function emitString(text: string): string {
  if (!text.isWellFormed()) throw new JsonError('Lone surrogate');
  return JSON.stringify(text);
}

/**
 * Parses JSON text strictly. Throws a `JsonError` for everything RFC 8259 refuses, and for duplicate names, lone
 * surrogates and numbers beyond a finite double, which plain `JSON.parse` lets pass.
 */
export function parseJson(text: string): JsonValue {
  const cursor: Cursor = { text, at: 0 };
  const value = parseValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at !== text.length) throw new JsonError('Unexpected text', cursor.at);
  return value;
}

type Cursor = { readonly text: string; at: number };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold raw control characters
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const LITERALS = [
  ['null', null],
  ['true', true],
  ['false', false],
] as const;

function parseValue(cursor: Cursor, depth: number): JsonValue {
  if (depth > DEPTH_LIMIT) throw new JsonError('Nested too deeply', cursor.at);
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === '{') return parseObject(cursor, depth);
  if (first === '[') return parseArray(cursor, depth);
  if (first === '"') return parseString(cursor);
  for (const [word, value] of LITERALS) {
    if (cursor.text.startsWith(word, cursor.at)) {
      cursor.at += word.length;
      return value;
    }
  }
  return parseNumber(cursor);
}

function parseObject(cursor: Cursor, depth: number): JsonObject {
  const members: JsonObject = new Map();
  cursor.at += 1;
  if (take(cursor, '}')) return members;
  do {
    skipSpace(cursor);
    const nameAt = cursor.at;
    const name = parseString(cursor);
    if (members.has(name)) throw new JsonError('Duplicate property name', nameAt);
    expect(cursor, ':');
    members.set(name, parseValue(cursor, depth + 1));
  } while (take(cursor, ','));
  expect(cursor, '}');
  return members;
}

function parseArray(cursor: Cursor, depth: number): JsonValue[] {
  const items: JsonValue[] = [];
  cursor.at += 1;
  if (take(cursor, ']')) return items;
  do items.push(parseValue(cursor, depth + 1));
  while (take(cursor, ','));
  expect(cursor, ']');
  return items;
}

function parseString(cursor: Cursor): string {
  const token = match(cursor, STRING);
  if (token === null) throw new JsonError('Expected a string', cursor.at);
  const value = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (!value.isWellFormed()) throw new JsonError('Lone surrogate', cursor.at - token.length);
  return value;
}

function parseNumber(cursor: Cursor): number {
  const token = match(cursor, NUMBER);
  if (token === null) throw new JsonError('Unexpected text', cursor.at);
  const value = Number(token);
  if (!Number.isFinite(value)) throw new JsonError('Number too large', cursor.at - token.length);
  return value;
}

function match(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const token = pattern.exec(cursor.text)?.[0];
  if (token === undefined) return null;
  cursor.at += token.length;
  return token;
}

function take(cursor: Cursor, char: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== char) return false;
  cursor.at += 1;
  return true;
}

function expect(cursor: Cursor, char: string): void {
  if (!take(cursor, char)) throw new JsonError(`Expected ${char}`, cursor.at);
}

function skipSpace(cursor: Cursor): void {
  for (;;) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at += 1;
  }
}
