// A normalized text (`leak-text.ts`) as words in folded case, for the search for what masking replaced.

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
  /** No border of words: within one, between a letter and a digit. */
  digit: 8,
  /** An underscore, as within a name of a program's. */
  underscore: 4,
} as const;

// Scripts that write no space between words, and Hangul, whose endings follow a name: each character is a word.
const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]\p{M}*|[[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]]+/gv;
const ASCII_WORD = /[a-z0-9]+/g;
const ASCII_ONLY = /^[\n\x20-\x7e]*$/;

/** The words of a normalized text: letters in folded case without accents, and digits. */
export function wordsOf(form: string): Words {
  const isAscii = ASCII_ONLY.test(form);
  const text = isAscii ? form.toLowerCase() : foldCase(form);
  const words: string[] = [];
  const flags: number[] = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(isAscii ? ASCII_WORD : WORD)) {
    flags.push(between(text.slice(from, index)));
    words.push(word);
    from = index + word.length;
  }
  flags.push(between(text.slice(from)));
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

function between(gap: string): number {
  return (
    BORDER.any | (gap.length <= NARROW_MAX ? BORDER.narrow : 0) | (gap.includes('_') ? BORDER.underscore : 0)
  );
}

const STROKES: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', đ: 'd', ħ: 'h', ı: 'i', ς: 'σ' };

// To upper case and back: ß becomes ss. Accents and the signs of vowels fall away, since a name is as often written without.
function foldCase(form: string): string {
  return form
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]/g, '')
    .normalize('NFC')
    .replace(/[łøđħıς]/g, (letter) => STROKES[letter] as string);
}
