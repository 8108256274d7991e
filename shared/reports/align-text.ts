// Lays a masked text over its original, to find which stretches tokens like [NAME_1] replaced.

/** The result of laying one text over another. */
export type AlignedText = Readonly<{
  /** True only where exactly one reading is possible. */
  certain: boolean;
  /**
   * Whole stretches of the original that the masked text replaced. Where several readings are possible, of all of them.
   */
  originals: readonly string[];
}>;

// A kind may be any string, hence the loose first form; the second is a redaction without a number ([SSN]).
// Tokens that touch count as one: nothing tells where the text of one ends.
const TOKENS = /(?:\[(?:[^[\]\s]{1,140}_\d{1,9}|[A-Z][A-Z0-9_]{0,127})\])+/g;
// Enough for prose. Bounds the work on hostile texts, such as a thousand equal separators.
const READINGS_LIMIT = 24;

/**
 * Finds the stretches that tokens replaced. Equal texts give none, for certain. Where no reading puts the literal parts
 * of `masked` in place, the one stretch in which the texts differ is given, uncertainly.
 */
export function alignText(original: string, masked: string): AlignedText {
  if (original === masked) return { certain: true, originals: [] };
  const literals = masked.split(TOKENS);
  const first = literals.length > 1 ? placeLiterals(original, literals, 'leftmost') : null;
  const last = literals.length > 1 ? placeLiterals(original, literals, 'rightmost') : null;
  if (!first || !last) return { certain: false, originals: differingStretch(original, masked) };

  // A stretch that both texts hold was not replaced, although it looks like a token.
  const tokens = masked.match(TOKENS) ?? [];
  const originals = tokens.flatMap((token, index) =>
    stretches(original, literals, first, last, index).filter((stretch) => stretch !== token),
  );
  return { certain: first.every((at, index) => at === last[index]), originals: [...new Set(originals)] };
}

/** Where each literal between tokens starts, with at least one character for every token; null if nowhere. */
function placeLiterals(
  text: string,
  literals: readonly string[],
  side: 'leftmost' | 'rightmost',
): number[] | null {
  const end = literals.length - 1;
  const places: number[] = new Array(literals.length);
  places[0] = 0;
  places[end] = text.length - literals[end]!.length;
  if (!text.startsWith(literals[0]!) || !text.endsWith(literals[end]!)) return null;
  if (side === 'leftmost') {
    for (let index = 1; index < end; index++) {
      places[index] = text.indexOf(literals[index]!, places[index - 1]! + literals[index - 1]!.length + 1);
      if (places[index] === -1) return null;
    }
  } else {
    for (let index = end - 1; index > 0; index--) {
      const from = places[index + 1]! - 1 - literals[index]!.length;
      places[index] = from < 0 ? -1 : text.lastIndexOf(literals[index]!, from);
      if (places[index] === -1) return null;
    }
  }
  const fits = literals.every((literal, i) => i === end || places[i]! + literal.length < places[i + 1]!);
  return fits ? places : null;
}

// Every place of a literal between its leftmost and its rightmost one is possible, and any two neighbours that
// leave room for a token are possible together.
function stretches(
  text: string,
  literals: readonly string[],
  first: readonly number[],
  last: readonly number[],
  index: number,
): string[] {
  const begins = placesBetween(text, literals[index]!, first[index]!, last[index]!);
  const ends = placesBetween(text, literals[index + 1]!, first[index + 1]!, last[index + 1]!);
  return begins
    .map((at) => at + literals[index]!.length)
    .flatMap((begin) => ends.filter((end) => end > begin).map((end) => text.slice(begin, end)));
}

function placesBetween(text: string, literal: string, first: number, last: number): number[] {
  const places = [first];
  let at = text.indexOf(literal, first + 1);
  while (at !== -1 && at < last && places.length < READINGS_LIMIT) {
    places.push(at);
    at = text.indexOf(literal, at + 1);
  }
  return first === last ? places : [...places, last];
}

// For texts without usable tokens: the stretch between the ends that both share, widened to whole words.
function differingStretch(original: string, masked: string): string[] {
  const shorter = Math.min(original.length, masked.length);
  let begin = 0;
  while (begin < shorter && original[begin] === masked[begin]) begin++;
  let tail = 0;
  while (tail < shorter - begin && original.at(-1 - tail) === masked.at(-1 - tail)) tail++;
  let end = original.length - tail;
  while (begin > 0 && !/\s/.test(original[begin - 1]!)) begin--;
  while (end < original.length && !/\s/.test(original[end]!)) end++;
  return begin < end ? [original.slice(begin, end)] : [];
}
