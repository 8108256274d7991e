// Finds the piece of a font that draws a character. A package's pieces hold a part of its characters each, so that a
// document carries only the pieces that it uses.
import * as fontkit from '@cantoo/fontkit';
import { MONO_PACKAGES, readFontFile, readUnicodeRanges, SANS_PACKAGES } from './font-packages.ts';

export type Piece = Readonly<{
  packageName: string;
  /** Its key in the package's `unicode.json`. */
  key: string;
  /** The characters that it claims, as style sheets have them. */
  ranges: string;
  /** Its place in the order of the search. */
  rank: number;
}>;

export type FontStyle = 'sans' | 'mono';

/** Marks that suppress a letter's vowel, after which a joiner chooses the form of what follows. */
const VIRAMAS = '\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2';

/**
 * The joiners where they are a part of the spelling, as RFC 5892 (A.1, A.2) has it: both after a virama, and the
 * non-joiner (U+200C) between letters of the Arabic script, as in many Persian names.
 */
const JOINERS = `(?<=[${VIRAMAS}])[\\u200c\\u200d]|(?<=\\p{Script=Arabic}\\p{M}*)\\u200c(?=\\p{Script=Arabic})`;

/**
 * A letter with the marks on it, or another character alone. Chromium draws it with one font: it takes the next when the
 * first lacks one of its characters. The vowels sara am count as marks: they are drawn on the letter before them. So do
 * joiners that are a part of the spelling.
 */
export const CLUSTER = new RegExp(`\\p{L}(?:[\\p{M}\\u0e33\\u0eb3]|${JOINERS})*|.`, 'gsu');

/**
 * The first piece that has a glyph for every character of the cluster; null where none has. The fonts are searched and not
 * their `unicode.json`, which claims characters that have no glyph.
 */
export function findPiece(cluster: string, style: FontStyle): Piece | null {
  const found = FOUND[style];
  let piece = found.get(cluster);
  if (piece === undefined) {
    piece = search(cluster, style);
    // Hostile texts have clusters without end.
    if (found.size >= FOUND_LIMIT) found.clear();
    found.set(cluster, piece);
  }
  return piece;
}

const FOUND_LIMIT = 50_000;
const FOUND: Record<FontStyle, Map<string, Piece | null>> = { sans: new Map(), mono: new Map() };

const PACKAGES: Record<FontStyle, readonly string[]> = { sans: SANS_PACKAGES, mono: MONO_PACKAGES };

function search(cluster: string, style: FontStyle): Piece | null {
  const codes = [...cluster].map((char) => char.codePointAt(0) as number);
  for (const packageName of PACKAGES[style]) {
    const { pieces, claims } = claimsOf(packageName);
    const claiming = claims.get(codes[0] as number) ?? [];
    for (const index of claiming) {
      const piece = pieces[index] as Piece;
      if (codes.every((code) => claims.get(code)?.includes(index) && charactersOf(piece).has(code))) {
        return piece;
      }
    }
  }
  return null;
}

type Claims = Readonly<{
  pieces: readonly Piece[];
  /** By code point: the pieces that claim it, by their index. */
  claims: ReadonlyMap<number, readonly number[]>;
}>;

/** More than any package has pieces. */
const RANKS_PER_PACKAGE = 1_000;
const CLAIMS = new Map<string, Claims>();

function claimsOf(packageName: string): Claims {
  let read = CLAIMS.get(packageName);
  if (!read) {
    // The packages' own style sheets have the common pieces last, and in a style sheet the last rule comes first.
    const ranges = Object.entries(readUnicodeRanges(packageName)).reverse();
    const claims = new Map<number, number[]>();
    for (const [index, [, text]] of ranges.entries()) {
      for (const code of codesIn(text)) {
        const claiming = claims.get(code);
        if (claiming) claiming.push(index);
        else claims.set(code, [index]);
      }
    }
    const place = [...SANS_PACKAGES, ...MONO_PACKAGES].indexOf(packageName);
    const pieces = ranges.map(([key, text], index) => ({
      packageName,
      key,
      ranges: text,
      rank: place * RANKS_PER_PACKAGE + index,
    }));
    read = { pieces, claims };
    CLAIMS.set(packageName, read);
  }
  return read;
}

function* codesIn(ranges: string): Generator<number> {
  for (const [, first, last] of ranges.matchAll(/U\+([0-9A-F]+)(?:-([0-9A-F]+))?/gi)) {
    const end = Number.parseInt(last ?? (first as string), 16);
    for (let code = Number.parseInt(first as string, 16); code <= end; code += 1) yield code;
  }
}

const CHARACTERS = new Map<Piece, ReadonlySet<number>>();

function charactersOf(piece: Piece): ReadonlySet<number> {
  let characters = CHARACTERS.get(piece);
  if (!characters) {
    const font = fontkit.create(readFontFile(piece.packageName, piece.key, 400));
    characters = new Set('characterSet' in font ? font.characterSet : []);
    CHARACTERS.set(piece, characters);
  }
  return characters;
}
