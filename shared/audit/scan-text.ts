// The matchers of the quick check. Each takes a position and returns the position after its match, or -1 for no match.
// A matcher that is given -1 returns -1, so that matchers can be chained.
import { findImpossiblePart } from './calendar.ts';
import { CROCKFORD_DIGIT } from './entry-grammar.ts';

/**
 * A text to match, as the 64-bit floats that cover it: eight times fewer steps than byte by byte. Two floats made of
 * ASCII are equal only if all their bits are. A float of any other bytes, NaN included, equals none of them.
 */
export type Literal = Readonly<{ length: number; floats: Float64Array; lastFloat: number }>;

/** Prepares a text for `literal`. Requires ASCII of eight characters or more. */
export function makeLiteral(text: string): Literal {
  const bytes = Buffer.from(text, 'latin1');
  const floats = Float64Array.from({ length: text.length >> 3 }, (_, i) => bytes.readDoubleBE(8 * i));
  return { length: text.length, floats, lastFloat: bytes.readDoubleBE(text.length - 8) };
}

/** Matches a prepared text that ends at or before `end`. Requires an `end` within the view. */
export function literal(
  view: DataView,
  at: number,
  end: number,
  { length, floats, lastFloat }: Literal,
): number {
  if (at < 0 || at + length > end) return -1;
  for (let i = 0; i < floats.length; i += 1) if (view.getFloat64(at + 8 * i) !== floats[i]) return -1;
  // The last float overlaps the one before it where the length is no multiple of eight.
  return view.getFloat64(at + length - 8) === lastFloat ? at + length : -1;
}

/** Matches a ULID: 26 digits of Crockford's base32 in capitals. */
export function ulid(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let valid = 1;
  for (let at = begin; at < begin + 26; at += 1) valid &= CROCKFORD[bytes[at] as number] as number;
  return valid === 1 ? begin + 26 : -1;
}

/** Matches printable ASCII without quote and backslash, as far as it goes. The caller checks the next byte. */
export function plainText(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let at = begin;
  while (PLAIN[bytes[at] as number] === 1) at += 1;
  return at;
}

/** Matches a whole number of at most 15 digits without a leading zero. */
export function whole(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let at = begin;
  while (DIGIT[bytes[at] as number] === 1) at += 1;
  const digits = at - begin;
  return digits === 0 || digits > 15 || (digits > 1 && bytes[begin] === ZERO) ? -1 : at;
}

/** The number that the digits `bytes[begin, end)` spell. Requires digits only, at most 15. */
export function toNumber(bytes: Uint8Array, begin: number, end: number): number {
  let value = 0;
  for (let i = begin; i < end; i += 1) value = value * 10 + (bytes[i] as number) - ZERO;
  return value;
}

/**
 * Matches 0, 1 or 0.d…d as RFC 8785 section 3.2.2.3 prints it. A decimal of at most 15 significant digits prints as it
 * was read; one below 10⁻⁶ would print with an exponent.
 */
export function confidence(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  if (bytes[begin] === ZERO + 1) return begin + 1;
  if (bytes[begin] !== ZERO) return -1;
  if (bytes[begin + 1] !== DOT) return begin + 1;
  let at = begin + 2;
  while (bytes[at] === ZERO) at += 1;
  if (at - begin - 2 > 5) return -1;
  while (DIGIT[bytes[at] as number] === 1) at += 1;
  const digits = at - begin - 2;
  return digits === 0 || digits > 15 || bytes[at - 1] === ZERO ? -1 : at;
}

/** Matches `begin,end`, two whole numbers with begin ≤ end. */
export function span(bytes: Uint8Array, begin: number): number {
  const comma = whole(bytes, begin);
  if (comma < 0 || bytes[comma] !== COMMA) return -1;
  const end = whole(bytes, comma + 1);
  if (end < 0 || toNumber(bytes, begin, comma) > toNumber(bytes, comma + 1, end)) return -1;
  return end;
}

/**
 * Makes a matcher of `YYYY-MM-DDThh:mm:ss.mmmZ` on a day that the calendar has. Consecutive times in a log share their
 * first characters, so the matcher keeps the part before `mmmZ` that matched last, as floats, and compares with it
 * first.
 */
export function makeTimestamp(): (bytes: Uint8Array, view: DataView, at: number, end: number) => number {
  let date = Number.NaN;
  let hour = Number.NaN;
  let second = 0;
  return function timestamp(bytes, view, at, end) {
    if (at < 0 || at + TS_SHAPE.length > end) return -1;
    if (
      view.getFloat64(at) !== date ||
      view.getFloat64(at + 8) !== hour ||
      view.getInt32(at + 16) !== second
    ) {
      if (!isSecond(bytes, at)) return -1;
      date = view.getFloat64(at);
      hour = view.getFloat64(at + 8);
      second = view.getInt32(at + 16);
    }
    return isMillisecond(bytes, at + 20) ? at + TS_SHAPE.length : -1;
  };
}

/** `YYYY-MM-DDThh:mm:ss.` */
function isSecond(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < TS_SHAPE.length - 4; i += 1) {
    const byte = bytes[at + i] as number;
    if (TS_SHAPE[i] === ZERO ? DIGIT[byte] !== 1 : byte !== TS_SHAPE[i]) return false;
  }
  const impossible = findImpossiblePart(
    toNumber(bytes, at, at + 4),
    toNumber(bytes, at + 5, at + 7),
    toNumber(bytes, at + 8, at + 10),
    toNumber(bytes, at + 11, at + 13),
    toNumber(bytes, at + 14, at + 16),
    toNumber(bytes, at + 17, at + 19),
  );
  return impossible === null;
}

function isMillisecond(bytes: Uint8Array, at: number): boolean {
  const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]] as [number, number, number];
  return DIGIT[a] === 1 && DIGIT[b] === 1 && DIGIT[c] === 1 && bytes[at + 3] === LETTER_Z;
}

const LETTER_Z = 0x5a;
const ZERO = 0x30;
const DOT = 0x2e;
const COMMA = 0x2c;
const TS_SHAPE = new Uint8Array(Buffer.from('0000-00-00T00:00:00.000Z'));

const DIGIT = charClass(/[0-9]/);
const CROCKFORD = charClass(new RegExp(CROCKFORD_DIGIT));
const PLAIN = charClass(/[ !#-[\]-~]/);

function charClass(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) =>
    code < 128 && pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}
