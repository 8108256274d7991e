// Payloads laid side by side for a reader who may see them: text by text, with the stretches marked that masking
// replaced. Everything here is a conversation: it goes to that reader, and nowhere else.
import type { JsonValue } from '../audit/canonical-json.ts';
import { TOKENS } from './align-text.ts';
import type { AlignWork } from './align-work.ts';
import { alignTranscripts } from './transcripts.ts';

/** A stretch of a text; marked where it was masked, or stands for what was. */
export type Piece = Readonly<{ text: string; isMarked: boolean }>;

/** The texts at one place of the payloads; null where a payload has none there. */
export type PayloadRow = Readonly<{
  /** JSON pointer (RFC 6901). */
  path: string;
  request: readonly Piece[] | null;
  masked: readonly Piece[] | null;
  response: readonly Piece[] | null;
}>;

export type PayloadRows = Readonly<{
  rows: readonly PayloadRow[];
  /** Places that are not shown: there are more than `ROWS_LIMIT`. */
  leftOut: number;
}>;

/** Places that are shown. */
export const ROWS_LIMIT = 200;
/** UTF-16 code units of a text that are shown. */
const SHOWN_LIMIT = 20_000;
/** Originals that are looked for in each text. */
const ORIGINALS_LIMIT = 200;

const PAYLOADS = ['request', 'masked', 'response'] as const;

/**
 * Lays payloads side by side, a JSON object with the members `request`, `masked` and `response`. Places come in the order
 * in which the payloads have them. Throws once `work` was told to stop.
 */
export function layOutPayloads(payloads: JsonValue, work: AlignWork): PayloadRows {
  const members = payloads instanceof Map ? payloads : new Map<string, JsonValue>();
  const texts = Object.fromEntries(
    PAYLOADS.map((name) => [name, flatten(members.get(name) ?? null)]),
  ) as Record<(typeof PAYLOADS)[number], ReadonlyMap<string, string>>;
  const { originals } = alignTranscripts(members.get('request'), members.get('masked'), work);
  const masked = matcherOf(originals);
  const paths = [...new Set(PAYLOADS.flatMap((name) => [...texts[name].keys()]))];
  const pieces = (text: string | undefined, marks: RegExp | null) =>
    text === undefined ? null : cut(shorten(text), marks);
  return {
    rows: paths.slice(0, ROWS_LIMIT).map((path) => ({
      path,
      request: pieces(texts.request.get(path), masked),
      masked: pieces(texts.masked.get(path), TOKENS),
      response: pieces(texts.response.get(path), masked),
    })),
    leftOut: Math.max(0, paths.length - ROWS_LIMIT),
  };
}

/** The leaves of a JSON value as texts, by their places. */
function flatten(value: JsonValue): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const add = (inner: JsonValue, path: string): void => {
    if (inner instanceof Map) {
      for (const [key, item] of inner) add(item, `${path}/${escapePointer(key)}`);
    } else if (Array.isArray(inner)) {
      for (const [index, item] of inner.entries()) add(item, `${path}/${index}`);
    } else if (inner !== null) texts.set(path, String(inner));
  };
  add(value, '');
  return texts;
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Finds any of the originals, the longest first; null where there are none. */
function matcherOf(originals: readonly string[]): RegExp | null {
  const sought = originals.filter((text) => text.trim() !== '').sort((a, b) => b.length - a.length);
  if (sought.length === 0) return null;
  return new RegExp(sought.slice(0, ORIGINALS_LIMIT).map(escapeRegExp).join('|'), 'g');
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function shorten(text: string): string {
  return text.length <= SHOWN_LIMIT ? text : `${text.slice(0, SHOWN_LIMIT)}…`;
}

function cut(text: string, marks: RegExp | null): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of marks ? text.matchAll(marks) : []) {
    if (index > from) pieces.push({ text: text.slice(from, index), isMarked: false });
    pieces.push({ text: found, isMarked: true });
    from = index + found.length;
  }
  if (from < text.length || pieces.length === 0) pieces.push({ text: text.slice(from), isMarked: false });
  return pieces;
}
