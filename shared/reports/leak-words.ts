// A normalized text (`leak-text.ts`) as words in folded case, for the search for what masking replaced.
import { foldCase } from './leak-fold.ts';

/** Words one after the other without what stood between, and which places are borders of words. */
export type Words = Readonly<{
  letters: string;
  /** By place from 0 to the end of `letters`: flags of `BORDER`, 0 within a word. */
  borders: Uint8Array;
}>;

/** What is between two words. */
export const BORDER = {
  any: 1,
  /** A sign or two, as within a number, or nothing (where a script writes without spaces). */
  narrow: 2,
  /** An underscore, as within a name of a program's. */
  underscore: 4,
  /** No border of words: within one, between a letter and a digit. */
  digit: 8,
  /** No border of words: within one, a capital letter after a small one. */
  hump: 16,
  /** The end of a sentence. */
  sentence: 32,
  /** A sign that programs set beside names: of a path, an address, a handle. */
  sign: 64,
} as const;

// Scripts that write no space between words, and Hangul, whose endings follow a name: each character is a word.
const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]\p{M}*|[[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]]+/gv;
const ASCII_WORD = /[a-z0-9]+/g;
const ASCII_ONLY = /^[\n\x20-\x7e]*$/;
/** Stands where a hump was until the case is folded. A normalized text holds no such character. */
const HUMP = '\ufdd0';

/** The words of a normalized text: letters in folded case without accents, and digits. */
export function wordsOf(form: string): Words {
  const isAscii = ASCII_ONLY.test(form);
  const humped = form.replace(/(?<=\p{Ll})(?=\p{Lu}\p{Ll})/gu, HUMP);
  const text = isAscii ? humped.toLowerCase() : foldCase(humped);
  const words: string[] = [];
  const flags: number[] = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(isAscii ? ASCII_WORD : WORD)) {
    flags.push(between(text.slice(from, index), words.at(-1)));
    words.push(word);
    from = index + word.length;
  }
  flags.push(between(text.slice(from), words.at(-1)));
  const letters = words.join('');
  const borders = new Uint8Array(letters.length + 1);
  let place = 0;
  for (const [index, flag] of flags.entries()) {
    borders[place] = flag;
    place += words[index]?.length ?? 0;
  }
  for (const { index } of letters.matchAll(/(?<=\p{L})\p{N}|(?<=\p{N})\p{L}/gu)) {
    if (borders[index] === 0) borders[index] = BORDER.digit;
  }
  return { letters, borders };
}

/** As in "(415) 555". */
const NARROW_MAX = 2;
const SENTENCE_END = /(?<![.\s])[.!?][ \n]/;
// A shorter word before a full stop is as often a title or an initial.
const WORD_OF_SENTENCE = /\p{L}{4}$/u;

function between(gap: string, before = ''): number {
  if (gap === HUMP) return BORDER.hump;
  let flags = BORDER.any;
  if (gap.length <= NARROW_MAX) flags |= BORDER.narrow;
  if (gap.includes('_')) flags |= BORDER.underscore;
  if (/[@#/\\=&_]/.test(gap)) flags |= BORDER.sign;
  if (SENTENCE_END.test(gap) && WORD_OF_SENTENCE.test(before)) flags |= BORDER.sentence;
  return flags;
}
