// Makes text printable. Free text must not hide, move or restyle the text beside it, and a character without a glyph
// makes the whole PDF inaccessible: such characters print as escapes, `⟨U+202E⟩`.

/** Code points, both ends included, that the fonts of the style sheet have glyphs for. */
export const IN_FONTS: readonly (readonly [first: number, last: number])[] = [
  [0x20, 0x2e9], // Latin, phonetic letters
  [0x300, 0x34e], // marks
  [0x386, 0x525], // Greek, Cyrillic
  [0x5d0, 0x5ea], // Hebrew letters
  [0x621, 0x63a], // Arabic letters
  [0x640, 0x64a],
  [0x1e00, 0x1efb], // Latin
  [0x2010, 0x205e], // punctuation
  [0x2070, 0x208e], // raised and lowered digits
  [0x20a0, 0x20b5], // currencies
  [0x2100, 0x2109], // letter-like signs, numbers
  [0x210b, 0x2149],
  [0x2150, 0x2185],
  [0x2190, 0x22ff], // arrows, operators
  [0x2500, 0x25ff], // boxes, blocks, shapes
  [0x3001, 0x3003], // CJK punctuation
  [0x3005, 0x3007],
  [0x300a, 0x3019],
  [0x3041, 0x3094], // kana
  [0x309b, 0x309e],
  [0x30a0, 0x30f6],
  [0x30fb, 0x30fe],
  [0x4e00, 0x9fa5], // Han
  [0xff01, 0xff5e], // full-width forms
];

// Characters that print as escapes although a font may have them: control, format, private, unassigned; spaces other
// than the common one; invisible ones; the brackets of the escapes, so that no text can forge an escape.
const NEVER = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u27e8\u27e9]/u;

/** Marks over or under one letter. More would reach into the lines above and below. */
const MARKS_LIMIT = 2;

/** The text as it prints: on one line, without characters that act on their surroundings. */
export function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  let marks = MARKS_LIMIT; // a mark that comes first has no letter to stand on
  let printed = '';
  for (const char of text) {
    const isMark = /\p{M}/u.test(char);
    const drawn = isDrawn(char) && (!isMark || marks < MARKS_LIMIT);
    printed += drawn ? char : escapeOf(char);
    if (!drawn || char === ' ') marks = MARKS_LIMIT;
    else marks = isMark ? marks + 1 : 0;
  }
  return printed;
}

/** The text's beginning that prints in at most `limit` code points, an ellipsis included where the text goes on. */
export function shorten(text: string, limit: number): string {
  if (lengthOf(printable(text)) <= limit) return text;
  let short = '';
  for (const char of text) {
    if (lengthOf(printable(short + char)) >= limit) break;
    short += char;
  }
  return `${short}…`;
}

function isDrawn(char: string): boolean {
  const code = char.codePointAt(0) as number;
  return (
    char === ' ' || (IN_FONTS.some(([first, last]) => code >= first && code <= last) && !NEVER.test(char))
  );
}

function escapeOf(char: string): string {
  return `⟨U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
