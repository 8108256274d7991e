// What the patterns of the shapes share.

// A match must not touch a letter, a digit, an underscore or the rest of a decimal number.
export const BEFORE = String.raw`(?<![\p{L}\p{N}_]|\d\.)`;
export const AFTER = String.raw`(?![\p{L}\p{N}_]|\.\d)`;
/** One sign between two groups of a number. */
export const GAP = String.raw`[-. \n/·_,]`;

/**
 * The matches of a global pattern that pass the check. Matches may overlap, so the search goes on one character after a
 * match that fails.
 */
export function* matches(
  text: string,
  pattern: RegExp,
  check: (match: RegExpExecArray) => boolean = () => true,
): Generator<RegExpExecArray> {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const next = check(match) ? pattern.lastIndex : match.index + 1;
    if (next === pattern.lastIndex) yield match;
    // Set anew, since whoever takes the match may search with the pattern.
    pattern.lastIndex = next;
  }
}

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}
