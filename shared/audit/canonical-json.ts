// Canonical JSON, RFC 8785 (JCS), and the strict parser (I-JSON, RFC 7493) that goes with it. Text is emitted
// directly: rebuilding a sorted object would lose `__proto__` and reorder integer-like keys.

/** A JSON value; objects are Maps, so every name is legal and none is special. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** A JSON object. Its names stand in the order of the text that was parsed. */
export type JsonObject = Map<string, JsonValue>;

/** Text that is not JSON, or a value without a canonical form. The message may hold an offset, never content. */
export class JsonError extends Error {
  constructor(problem: string, offset?: number) {
    super(offset === undefined ? problem : `${problem} at offset ${offset}`);
    this.name = 'JsonError';
  }
}

/** Levels of arrays and objects. A deeper value is refused, so that hostile input cannot exhaust the stack. */
const DEPTH_LIMIT = 256;

/**
 * The RFC 8785 text of a value: JSON primitives, arrays, Maps with string keys and plain objects. Throws a `JsonError`
 * for a value without a canonical form (NaN, an infinity, a lone surrogate, undefined, a function) and for one nested
 * deeper than 256 levels.
 */
export function canonicalize(value: unknown): string {
  return emit(value, 0);
}

function emit(value: unknown, depth: number): string {
  if (depth > DEPTH_LIMIT) throw new JsonError('Nested too deeply');
  if (typeof value === 'string') return emitString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new JsonError('Not a finite number');
    return `${value}`; // RFC 8785 section 3.2.2.3 takes ECMAScript's own form, in which -0 prints as 0.
  }
  if (value === null || typeof value === 'boolean') return `${value}`;
  if (typeof value !== 'object') throw new JsonError('Not a JSON value');
  if (Array.isArray(value)) return emitArray(value, depth + 1);
  return value instanceof Map ? emitMap(value, depth + 1) : emitOurObject(value, depth + 1);
}

/** Items of an array after which its text is made one piece. */
const RUN = 1024;

function emitArray(items: readonly unknown[], depth: number): string {
  let before = '';
  let text = '[';
  for (let i = 0; i < items.length; i += 1) {
    if (i > 0) text += ',';
    text += emit(items[i], depth);
    if (i % RUN === RUN - 1) {
      before += inOnePiece(text);
      text = '';
    }
  }
  return `${before}${text}]`;
}

/** The engine keeps a text that was added up as a tree of its parts, which takes five times the memory, until it is read. */
function inOnePiece(text: string): string {
  text.charCodeAt(0);
  return text;
}

function emitMap(members: ReadonlyMap<unknown, unknown>, depth: number): string {
  const names = [...members.keys()];
  if (!names.every((name) => typeof name === 'string')) throw new JsonError('Not a property name');
  sortNames(names);
  let text = '{';
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    if (i > 0) text += ',';
    text += `${emitString(name)}:`;
    text += emit(members.get(name), depth);
  }
  return `${text}}`;
}

function emitOurObject(value: object, depth: number): string {
  const names = Object.keys(value);
  sortNames(names);
  let text = '{';
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    if (i > 0) text += ',';
    text += emitOurName(name);
    text += emit((value as Record<string, unknown>)[name], depth);
  }
  return `${text}}`;
}

/** Sorts by UTF-16 code units (RFC 8785 section 3.2.3), as JavaScript compares strings. */
function sortNames(names: string[]): void {
  for (let i = 1; i < names.length; i += 1) {
    if ((names[i] as string) < (names[i - 1] as string)) {
      names.sort();
      return;
    }
  }
}

/**
 * Names of plain objects in the form in which they are emitted, with the colon. The objects are ours, so the names are
 * few and repeat. Names in Maps come from outside and are not cached.
 */
const ourNames = new Map<string, string>();
const OUR_NAMES_MAX = 500;

function emitOurName(name: string): string {
  const known = ourNames.get(name);
  if (known !== undefined) return known;
  const emitted = `${emitString(name)}:`;
  if (ourNames.size < OUR_NAMES_MAX) ourNames.set(name, emitted);
  return emitted;
}

/** Characters that must be escaped, and surrogates, which may lack their other half. */
const NOT_PLAIN = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

function emitString(text: string): string {
  if (!NOT_PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new JsonError('Lone surrogate');
  // Of well-formed text, `JSON.stringify` escapes exactly the characters of RFC 8785 section 3.2.2.2, in its form.
  return JSON.stringify(text);
}

/**
 * Parses JSON text strictly. Throws a `JsonError` for text that is not JSON (RFC 8259), for lone surrogates, numbers
 * beyond a finite double and duplicate names (RFC 7493 sections 2.1 to 2.3; `JSON.parse` accepts all three), and for a
 * value nested deeper than 256 levels.
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
const PLAIN = /[^"\\\u0000-\u001f]*/y;
// One at a time: a pattern that repeats them keeps each on the engine's stack, which millions of them overflow.
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
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
  const begin = cursor.at;
  if (cursor.text[begin] !== '"') throw new JsonError('Expected a string', begin);
  cursor.at += 1;
  do match(cursor, PLAIN);
  while (match(cursor, ESCAPE) !== null);
  if (cursor.text[cursor.at] !== '"') throw new JsonError('Expected a string', begin);
  cursor.at += 1;
  const token = cursor.text.slice(begin, cursor.at);
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
