/** Most UTF-16 units of a name. */
export const LONGEST_NAME = 100;

/** Characters that break a line, turn its direction or are none. */
const MISLEADING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** What leaves a mark on paper. Unicode counts some fillers as letters, and the empty pattern of Braille as a symbol. */
const SEEN = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v;

/** Characters without a form, also those that Indic and Persian scripts need between letters. */
const FORMLESS = /\p{Cf}/u;

/**
 * Whether readers see a name, and see it as it is written: it has a letter, number, punctuation or symbol, and no control
 * character, line break, lone surrogate or mark of direction. Joiners between letters are taken.
 */
export function isShownName(text: string): boolean {
  return SEEN.test(text) && !MISLEADING.test(text);
}

/** The sentence that refuses such a name, behind its field. */
export const NOT_SHOWN =
  'must have a letter, number, punctuation or symbol, and no control character, line break or mark of direction';

/**
 * The name of a user or a token as it is stored: without space around it, in NFC. Null unless it has 1 to `LONGEST_NAME`
 * characters, all of them visible.
 */
export function readVisibleName(text: string): string | null {
  const name = text.trim().normalize('NFC');
  return name.length <= LONGEST_NAME && isShownName(name) && !FORMLESS.test(name) ? name : null;
}
