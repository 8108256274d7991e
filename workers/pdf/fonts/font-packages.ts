// The fonts of the pages: packages of Noto Sans, pinned in package.json. No font of the machine is used, so that the same
// Chromium prints the same bytes anywhere.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The packages in the order in which a character looks for its font. Latin, Greek, Cyrillic and Devanagari are in the
 * first. A Han character may be in four, and has another form in each: the simplified Chinese comes first, since it
 * covers most names and has kana too. Hangul is in the last alone.
 */
export const SANS_PACKAGES = [
  'noto-sans',
  'noto-sans-arabic',
  'noto-sans-armenian',
  'noto-sans-bengali',
  'noto-sans-cherokee',
  'noto-sans-ethiopic',
  'noto-sans-georgian',
  'noto-sans-gujarati',
  'noto-sans-gurmukhi',
  'noto-sans-hebrew',
  'noto-sans-kannada',
  'noto-sans-khmer',
  'noto-sans-lao',
  'noto-sans-malayalam',
  'noto-sans-myanmar',
  'noto-sans-oriya',
  'noto-sans-sinhala',
  'noto-sans-tamil',
  'noto-sans-telugu',
  'noto-sans-thaana',
  'noto-sans-thai',
  'noto-sans-sc',
  'noto-sans-tc',
  'noto-sans-jp',
  'noto-sans-kr',
];

/** For digests, commands and texts of policies. A character that it lacks is taken from the packages above. */
export const MONO_PACKAGES = ['noto-sans-mono'];

export type Weight = 400 | 700;

/** The ranges of each piece of a package as its `unicode.json` has them, such as `U+0-FF,U+131`, by the piece's key. */
export function readUnicodeRanges(packageName: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(resolve(`${packageName}/unicode.json`), 'utf8'));
}

/** The font file of a piece, by its key in `unicode.json`: `latin`, or `[7]` for one of many. */
export function readFontFile(
  packageName: string,
  key: string,
  weight: Weight,
  type: 'woff' | 'woff2' = 'woff2',
): Buffer {
  const piece = key.replace(/[[\]]/g, '');
  return readFileSync(resolve(`${packageName}/files/${packageName}-${piece}-${weight}-normal.${type}`));
}

function resolve(path: string): string {
  return fileURLToPath(import.meta.resolve(`@fontsource/${path}`));
}
