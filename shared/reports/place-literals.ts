// Places the literal parts of a masked text in its original, as far left and as far right as they go. The search is
// Knuth, Morris and Pratt's: a text that repeats itself takes no more steps than another.
import type { AlignWork } from './align-work.ts';

/** Where each literal starts, in UTF-16 code units, in the reading that has all of them leftmost, and rightmost. */
export type Places = Readonly<{ leftmost: readonly number[]; rightmost: readonly number[] }>;

/**
 * With at least one code unit between two literals, the first at the text's start and the last at its end; null where
 * they do not fit so. Requires two literals or more.
 */
export function placeLiterals(text: string, literals: readonly string[], work: AlignWork): Places | null {
  const codes = codesOf(text);
  const parts = literals.map(codesOf);
  const leftmost = placeLeftmost(codes, parts, work);
  if (!leftmost) return null;
  // From the right is from the left in a mirror.
  const mirrored = placeLeftmost(codes.toReversed(), parts.map((part) => part.toReversed()).reverse(), work);
  if (!mirrored) return null;
  const rightmost = mirrored.reverse().map((at, index) => codes.length - at - literals[index]!.length);
  return { leftmost, rightmost };
}

function placeLeftmost(text: Uint16Array, parts: readonly Uint16Array[], work: AlignWork): number[] | null {
  const last = parts.length - 1;
  const places: number[] = [];
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const end = text.length - part.length;
    const isPinned = index === 0 || index === last;
    const at = isPinned ? pinned(text, part, index === 0 ? 0 : end, work) : find(text, part, from, work);
    if (at < from) return null;
    places.push(at);
    from = at + part.length + 1;
  }
  return places;
}

/** `at` if the part stands there, else -1. */
function pinned(text: Uint16Array, part: Uint16Array, at: number, work: AlignWork): number {
  work.spend(part.length);
  return at >= 0 && part.every((code, index) => code === text[at + index]) ? at : -1;
}

/** The first place of the part at `from` or after it; -1 if there is none. */
function find(text: Uint16Array, part: Uint16Array, from: number, work: AlignWork): number {
  if (part.length === 0) return from <= text.length ? from : -1;
  const borders = bordersOf(part);
  let matched = 0;
  let at = from;
  while (at < text.length && matched < part.length) {
    if (text[at] === part[matched]) {
      at += 1;
      matched += 1;
    } else if (matched > 0) matched = borders[matched - 1] as number;
    else at += 1;
  }
  // A place is compared at most twice, and so is each of the part for its borders.
  work.spend(2 * (Math.max(0, at - from) + part.length));
  return matched === part.length ? at - matched : -1;
}

/** The length of the longest proper prefix that is also a suffix, for each prefix of the part. */
function bordersOf(part: Uint16Array): Int32Array {
  const borders = new Int32Array(part.length);
  let length = 0;
  for (let index = 1; index < part.length; ) {
    if (part[index] === part[length]) {
      length += 1;
      borders[index] = length;
      index += 1;
    } else if (length > 0) length = borders[length - 1] as number;
    else index += 1;
  }
  return borders;
}

function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index += 1) codes[index] = text.charCodeAt(index);
  return codes;
}
