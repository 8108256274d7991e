// Tells whether pages bear the text of their document: a Chromium that finds no font of the machine may draw the text of
// one embedded font and leave out that of another, and says nothing of it.
import type { Html } from './markup/html.ts';

/** How often each character of A to Z, a to z and 0 to 9 stands in a text. */
export type CharacterCounts = Readonly<Record<string, number>>;

/** The characters that the pages of a document have to bear. `body` is its markup without head and style sheet. */
export function countDrawn(body: Html): CharacterCounts {
  const text = body
    .toString()
    // Names of figures are read aloud, and not drawn.
    .replace(/<(title|desc)>.*?<\/\1>|<[^>]*>/gs, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  return countCharacters([text]);
}

/**
 * Whether some character stands in these texts of a PDF less often than it has to. More often it may: feet, heads of
 * tables and numbers of lists are repeated. Other characters are left aside: some scripts join or reorder letters, so
 * that a PDF's glyphs do not tell theirs.
 */
export function lacksText(texts: Iterable<string>, expected: CharacterCounts): boolean {
  const found = countCharacters(texts);
  return Object.entries(expected).some(([char, count]) => (found[char] ?? 0) < count);
}

function countCharacters(texts: Iterable<string>): CharacterCounts {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    for (const char of text) {
      if (/[a-z0-9]/i.test(char)) counts[char] = (counts[char] ?? 0) + 1;
    }
  }
  return counts;
}
