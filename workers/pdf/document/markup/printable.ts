// What a character looks like on a page. Text of callers must neither hide, nor move, nor restyle what stands beside
// it, and a character without a glyph makes the whole PDF inaccessible: such characters print as `⟨U+202E⟩`.

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

// Control, format, private, unassigned; spaces other than the common one; what is ignored when drawn; the brackets of
// the escapes themselves, so that none can be feigned.
const NEVER = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u27e8\u27e9]/u;

/** Marks over or under one letter; more would reach into the lines around it. */
const MARKS_LIMIT = 2;

/** The text as it prints: one line, nothing in it that acts on its surroundings. */
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

/** The beginning of a text, such that it prints in at most `limit` code points, with an ellipsis where it goes on. */
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
