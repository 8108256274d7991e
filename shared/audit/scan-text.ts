// What the quick check of an entry is made of. Each matcher takes a position and returns the one after what it
// matched, or -1, which passes through the rest. Imports nothing of ours.

/** A text to be matched, as the 32-bit words that cover it: four times fewer steps than its bytes. */
export type Literal = Readonly<{ length: number; words: Int32Array; lastWord: number }>;

/** `text` is ASCII, of four characters or more. */
export function makeLiteral(text: string): Literal {
  const bytes = Buffer.from(text, 'latin1');
  const words = Int32Array.from({ length: text.length >> 2 }, (_, i) => bytes.readInt32BE(4 * i));
  return { length: text.length, words, lastWord: bytes.readInt32BE(text.length - 4) };
}

/** `end` lies within the view. */
export function literal(
  view: DataView,
  at: number,
  end: number,
  { length, words, lastWord }: Literal,
): number {
  if (at < 0 || at + length > end) return -1;
  for (let i = 0; i < words.length; i += 1) if (view.getInt32(at + 4 * i) !== words[i]) return -1;
  // It overlaps the word before it where the length is no multiple of four.
  return view.getInt32(at + length - 4) === lastWord ? at + length : -1;
}

export function ulid(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  for (let at = begin; at < begin + 26; at += 1) if (CROCKFORD[bytes[at] as number] !== 1) return -1;
  return begin + 26;
}

/** Printable ASCII without quote or backslash; what follows must be checked by the caller. */
export function plainText(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let at = begin;
  while (PLAIN[bytes[at] as number] === 1) at += 1;
  return at;
}

/** A whole number of at most 15 digits without a leading zero. */
export function whole(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let at = begin;
  while (DIGIT[bytes[at] as number] === 1) at += 1;
  const digits = at - begin;
  return digits === 0 || digits > 15 || (digits > 1 && bytes[begin] === ZERO) ? -1 : at;
}

/** The number that digits spell. */
export function toNumber(bytes: Uint8Array, begin: number, end: number): number {
  let value = 0;
  for (let i = begin; i < end; i += 1) value = value * 10 + (bytes[i] as number) - ZERO;
  return value;
}

/**
 * 0, 1 or 0.d…d as RFC 8785 prints it. A decimal of at most 15 significant digits prints as it was read; one below
 * 10⁻⁶ would print with an exponent.
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

/** `begin,end` with begin ≤ end. */
export function span(bytes: Uint8Array, begin: number): number {
  const comma = whole(bytes, begin);
  if (comma < 0 || bytes[comma] !== COMMA) return -1;
  const end = whole(bytes, comma + 1);
  if (end < 0 || toNumber(bytes, begin, comma) > toNumber(bytes, comma + 1, end)) return -1;
  return end;
}

/** `YYYY-MM-DDThh:mm:ss.mmmZ`; 29 February is left to the full check, which knows leap years. */
export function timestamp(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  for (let i = 0; i < TS_SHAPE.length; i += 1) {
    const byte = bytes[at + i] as number;
    if (TS_SHAPE[i] === ZERO ? DIGIT[byte] !== 1 : byte !== TS_SHAPE[i]) return -1;
  }
  const days = DAYS_OF_MONTH[toNumber(bytes, at + 5, at + 7)];
  const day = toNumber(bytes, at + 8, at + 10);
  if (days === undefined || day < 1 || day > days || toNumber(bytes, at + 11, at + 13) > 23) return -1;
  if (toNumber(bytes, at + 14, at + 16) > 59 || toNumber(bytes, at + 17, at + 19) > 59) return -1;
  return at + TS_SHAPE.length;
}

const ZERO = 0x30;
const DOT = 0x2e;
const COMMA = 0x2c;
const TS_SHAPE = new Uint8Array(Buffer.from('0000-00-00T00:00:00.000Z'));
// Month 0 has none, so it fails like month 13.
const DAYS_OF_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const DIGIT = charClass(/[0-9]/);
const CROCKFORD = charClass(/[0-9A-HJKMNP-TV-Z]/);
const PLAIN = charClass(/[ !#-[\]-~]/);

function charClass(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) =>
    code < 128 && pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}
