// The search for what a session's masking replaced: whole stretches, in whatever case, script of digits and spelling.
import { SAFE_HARBOR } from '../policy/safe-harbor-catalogue.ts';
import { PatternSearch } from './leak-search.ts';
import { searchForms } from './leak-text.ts';
import { variantsOf } from './leak-variants.ts';
import { BORDER, type Words, wordsOf } from './leak-words.ts';

/** An original at a place of a text's letters (`wordsOf`). */
export type OriginalMatch = Readonly<{ original: number; begin: number; end: number }>;

/**
 * Letters and digits of an original: shorter ones ("Bo", "42") are in any text. A character of Chinese and a syllable of
 * Korean count as two, a syllable of Japanese as one and a third: whole names have two or three of them. `alignText`
 * gives such short ones only where a token of a name replaced them.
 */
const ORIGINAL_LENGTH_MIN = 4;
/** Letters from which an original is known although its words are joined or parted, beside a sign or a hump. */
const REGROUPED_LENGTH_MIN = 6;
/** Letters from which two words are known in other groups where one border is kept: "Mariana Al-va-rez". */
const PARTED_LENGTH_MIN = 8;
/** Letters from which words are known joined, without a sign: shorter ones are other words ("rosemary"). */
const JOINED_LENGTH_MIN = 10;
/** Digits from which a number is known digit by digit, and in other groups: "12, 34, 56" is a list. */
const SPELLED_DIGITS_MIN = 5;
const REGROUPED_DIGITS_MIN = 7;
/** Letters from which an original is known beside a digit, or a number beside a letter ("acct10748688"). */
const ATTACHED_LENGTH_MIN = 8;
/** Words of a name that may stand with the last ones first ("Alvarez, Maria"). */
const INVERTED_WORDS_MAX = 4;

type Wanted = Readonly<{ words: Words; original: number }>;

/** A search for stretches, each known by its index in the order given. */
export class OriginalSearch {
  /** By letters: originals that differ only in how these are grouped. */
  readonly #wanted: readonly (readonly Wanted[])[];
  readonly #patterns: PatternSearch;

  /** Leaves out originals that are shorter than `lengthMin`: by default those that are in any text. */
  constructor(originals: Iterable<string>, lengthMin = ORIGINAL_LENGTH_MIN) {
    const byLetters = new Map<string, Wanted[]>();
    const add = (words: Words, original: number) => {
      const known = byLetters.get(words.letters);
      if (known) known.push({ words, original });
      else byLetters.set(words.letters, [{ words, original }]);
    };
    for (const [index, original] of [...originals].entries()) {
      for (const spelling of new Set(searchForms(original).flatMap(variantsOf))) {
        const words = wordsOf(spelling);
        if (originalLength(words.letters) < lengthMin) continue;
        for (const order of [words, ...inversions(words)]) add(order, index);
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

/** Letters and digits, as `ORIGINAL_LENGTH_MIN` counts them. */
function originalLength(letters: string): number {
  const extra = (pattern: RegExp) => letters.match(pattern)?.length ?? 0;
  return [...letters].length + extra(/[\p{sc=Han}\p{sc=Hang}]/gu) + extra(/[\p{sc=Hira}\p{sc=Kana}]/gu) / 3;
}

// A word of a kind's name is no caller's within such a name: MEMBER_ID holds no "member".
const KIND_WORDS = new Set(
  [...SAFE_HARBOR.kinds.map(({ kind }) => kind), ...Object.keys(SAFE_HARBOR.aliases)].flatMap((name) =>
    name.toLowerCase().split('_'),
  ),
);

/** Whether a text with the same letters is the same words, or the same in other groups. */
function standsAt(words: Words, text: Words, begin: number, end: number): boolean {
  const { letters } = words;
  if (!endsAt(words, text, begin, -1) || !endsAt(words, text, end, 1)) return false;
  const grouping = groupingOf(words, text, begin);
  if (grouping.isSame) {
    const inName = (text.borders[begin]! | text.borders[end]!) & BORDER.underscore;
    return !(inName && KIND_WORDS.has(letters));
  }
  if (grouping.crossesSentence) return false;
  const digits = letters.replace(/\D/g, '').length;
  if (digits >= REGROUPED_DIGITS_MIN) return grouping.isNarrow;
  if (digits >= SPELLED_DIGITS_MIN) return grouping.isSpelled && grouping.isNarrow;
  if (letters.length < REGROUPED_LENGTH_MIN) return false;
  if (grouping.isSpelled || grouping.isAtHumps) return true;
  if (grouping.isOneWord) return false;
  if (grouping.isJoined) {
    return letters.length >= JOINED_LENGTH_MIN || isBesideSign(text, begin) || isBesideSign(text, end);
  }
  return grouping.keepsBorder && grouping.isNarrow && letters.length >= PARTED_LENGTH_MIN;
}

function isBesideSign(text: Words, place: number): boolean {
  return (text.borders[place]! & BORDER.sign) !== 0;
}

/** Whether an original may end at a place; `step` is -1 for its begin. Long ones may have other letters attached. */
function endsAt({ letters }: Words, { letters: all, borders }: Words, place: number, step: 1 | -1): boolean {
  const border = borders[place]!;
  if (border & BORDER.any) return true;
  if (letters.length < ATTACHED_LENGTH_MIN) return false;
  if (border & BORDER.hump) return true;
  const isBorder = (at: number) => (borders[at]! & BORDER.any) !== 0;
  // Maria Alvarezs: a genitive.
  if (step === 1 && all[place] === 's' && isBorder(place + 1)) return true;
  if (border !== BORDER.digit) return false;
  // Up to the next border there is nothing else, as there is in a digest.
  let at = place + step;
  while (borders[at] === 0) at += step;
  return isBorder(at);
}

type Grouping = Readonly<{
  /** The borders within are the original's. */
  isSame: boolean;
  isOneWord: boolean;
  /** No more than a sign or two between two parts. */
  isNarrow: boolean;
  /** Letter by letter. */
  isSpelled: boolean;
  /** In one word. */
  isJoined: boolean;
  /** Where the borders differ, one of the two texts has a hump ("MariaAlvarez", "Mc Gregor"). */
  isAtHumps: boolean;
  keepsBorder: boolean;
  crossesSentence: boolean;
}>;

function groupingOf(words: Words, text: Words, begin: number): Grouping {
  const grouping = {
    isSame: true,
    isOneWord: true,
    isNarrow: true,
    isSpelled: true,
    isJoined: true,
    isAtHumps: true,
    keepsBorder: false,
    crossesSentence: false,
  };
  for (let at = 1; at < words.letters.length; at += 1) {
    const [own, border] = [words.borders[at]!, text.borders[begin + at]!];
    const isParted = (border & BORDER.any) !== 0;
    if (own & BORDER.any) grouping.isOneWord = false;
    if (isParted !== ((own & BORDER.any) !== 0)) {
      grouping.isSame = false;
      if (!((own | border) & BORDER.hump)) grouping.isAtHumps = false;
    } else if (isParted) grouping.keepsBorder = true;
    if (!isParted) grouping.isSpelled = false;
    else {
      grouping.isJoined = false;
      if (!(border & BORDER.narrow)) grouping.isNarrow = false;
      if (border & ~own & BORDER.sentence) grouping.crossesSentence = true;
    }
  }
  if (grouping.crossesSentence) grouping.isSame = false;
  return grouping;
}

/** A name of two to four words with its last ones first; none for others. */
function inversions({ letters, borders }: Words): Words[] {
  if (/[\d\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u.test(letters)) return [];
  const places = [...borders.keys()].filter((place) => borders[place]! & BORDER.any);
  if (places.length > INVERTED_WORDS_MAX + 1) return [];
  return places.slice(1, -1).map((turn) => {
    const inverted = new Uint8Array(borders.length);
    for (const place of places) inverted[(place + letters.length - turn) % letters.length] = BORDER.any;
    inverted[letters.length] = BORDER.any;
    return { letters: letters.slice(turn) + letters.slice(0, turn), borders: inverted };
  });
}
