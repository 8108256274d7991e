// The search for what a session's masking replaced: whole stretches, in whatever case, script of digits and spelling.
import { PatternSearch } from './leak-search.ts';
import { searchForms } from './leak-text.ts';
import { variantsOf } from './leak-variants.ts';
import { BORDER, type Words, wordsOf } from './leak-words.ts';

/** An original at a place of a text's letters (`wordsOf`). */
export type OriginalMatch = Readonly<{ original: number; begin: number; end: number }>;

/** Code points without signs and spaces: shorter originals ("Bo", "42") are in any text. */
const ORIGINAL_LENGTH_MIN = 4;
/** Letters from which an original is known although its words are joined or parted. */
const REGROUPED_LENGTH_MIN = 6;
/** Digits from which a number is known in other groups. */
const REGROUPED_DIGITS_MIN = 5;
/** Letters from which an original is known beside a digit, or a number beside a letter ("acct10748688"). */
const ATTACHED_LENGTH_MIN = 8;
/** Words of a name that may stand with the last one first ("Alvarez, Maria"). */
const INVERTED_WORDS_MAX = 3;

type Wanted = Readonly<{ words: Words; original: number }>;

/** A search for stretches, each known by its index in the order given. */
export class OriginalSearch {
  /** By letters: originals that differ only in how these are grouped. */
  readonly #wanted: readonly (readonly Wanted[])[];
  readonly #patterns: PatternSearch;

  /**
   * Leaves out originals that are shorter than `lengthMin` code points without signs and spaces: by default those that
   * are in any text.
   */
  constructor(originals: Iterable<string>, lengthMin = ORIGINAL_LENGTH_MIN) {
    const byLetters = new Map<string, Wanted[]>();
    const add = (words: Words, original: number) => {
      const known = byLetters.get(words.letters);
      if (known) known.push({ words, original });
      else byLetters.set(words.letters, [{ words, original }]);
    };
    for (const [index, original] of [...originals].entries()) {
      for (const words of searchForms(original).flatMap(variantsOf).map(wordsOf)) {
        if ([...words.letters].length < lengthMin) continue;
        add(words, index);
        const inverted = invert(words);
        if (inverted) add(inverted, index);
      }
    }
    this.#wanted = [...byLetters.values()];
    this.#patterns = new PatternSearch([...byLetters.keys()]);
  }

  get isEmpty(): boolean {
    return this.#wanted.length === 0;
  }

  /** Every place at which the words of an original stand. */
  *find(text: Words): Generator<OriginalMatch> {
    for (const { pattern, begin, end } of this.#patterns.find(text.letters)) {
      for (const { words, original } of this.#wanted[pattern]!) {
        if (standsAt(words, text, begin, end)) yield { original, begin, end };
      }
    }
  }
}

/** Whether a text with the same letters is the same words, or the same in other groups. */
function standsAt(words: Words, text: Words, begin: number, end: number): boolean {
  const isEnd = (place: number) =>
    (text.borders[place]! & BORDER.any) !== 0 ||
    (text.borders[place] === BORDER.digit && words.letters.length >= ATTACHED_LENGTH_MIN);
  if (!isEnd(begin) || !isEnd(end)) return false;
  const grouping = groupingOf(words, text, begin);
  const isOneWord = !words.borders.subarray(1, -1).some((border) => border & BORDER.any);
  if (grouping.isSame) {
    // A word is no part of a program's name: MEMBER_ID holds no "member".
    const inName = (text.borders[begin]! | text.borders[end]!) & BORDER.underscore;
    return !(isOneWord && inName);
  }
  if (words.letters.length < REGROUPED_LENGTH_MIN) return false;
  const digits = words.letters.replace(/\D/g, '').length;
  if (digits >= REGROUPED_DIGITS_MIN) return grouping.isNarrow;
  return grouping.isSpelled || (grouping.isJoined && !isOneWord);
}

type Grouping = Readonly<{
  /** The borders within are the original's. */
  isSame: boolean;
  /** No more than a sign or two between two parts. */
  isNarrow: boolean;
  /** Letter by letter. */
  isSpelled: boolean;
  /** In one word. */
  isJoined: boolean;
}>;

function groupingOf(words: Words, text: Words, begin: number): Grouping {
  const grouping = { isSame: true, isNarrow: true, isSpelled: true, isJoined: true };
  for (let at = 1; at < words.letters.length; at += 1) {
    const border = text.borders[begin + at]! & ~BORDER.digit;
    if ((border !== 0) !== ((words.borders[at]! & BORDER.any) !== 0)) grouping.isSame = false;
    if (border === 0) grouping.isSpelled = false;
    else {
      grouping.isJoined = false;
      if (!(border & BORDER.narrow)) grouping.isNarrow = false;
    }
  }
  return grouping;
}

/** A name of two or three words with the last one first; null for others. */
function invert({ letters, borders }: Words): Words | null {
  if (/\d/.test(letters)) return null;
  const places = [...borders.keys()].filter((place) => borders[place]! & BORDER.any);
  if (places.length < 3 || places.length > INVERTED_WORDS_MAX + 1) return null;
  const last = places.at(-2)!;
  const inverted = new Uint8Array(borders.length);
  for (const place of places) inverted[(place + letters.length - last) % letters.length] = BORDER.any;
  inverted[letters.length] = BORDER.any;
  return { letters: letters.slice(last) + letters.slice(0, last), borders: inverted };
}
