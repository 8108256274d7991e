// What the patterns of the shapes share.

// A match must not touch a letter, a digit, an underscore or the rest of a decimal number. A label may touch it.
const LABEL = '(?:acct|amex|card|cc|cell|fax|mc|mobile|pan|ph|phone|ssn|tel|visa)_?|%b';
export const BEFORE = String.raw`(?:(?<![\p{L}\p{N}_]|\d\.)|(?<=(?<![\p{L}\p{N}])${LABEL}))`;
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

/** UTF-16 code units before and after a number in which a word for it counts. */
const NEAR = { before: 40, after: 24 } as const;

/** The matches near which a word for them stands, and which pass the check. */
export function* matchesNear(
  text: string,
  pattern: RegExp,
  word: RegExp,
  check: (match: RegExpExecArray) => boolean = () => true,
): Generator<RegExpExecArray> {
  if (!word.test(text)) return;
  yield* matches(text, pattern, (match) => standsNear(text, match, word) && check(match));
}

function standsNear(text: string, { index, 0: { length } }: RegExpExecArray, word: RegExp): boolean {
  const before = text.slice(Math.max(0, index - NEAR.before), index);
  return word.test(before) || word.test(text.slice(index + length, index + length + NEAR.after));
}

/** A word that says which number follows, at the end of what stands before it: no version, no order, no count. */
const OTHER_NUMBER =
  /(?<!\p{L})(?:(?:authorization|batch|booking|case|claim|confirmation|invoice|lot|order|policy|receipt|record|ref|reference|request|row|serial|ticket|tracking|transaction)s?(?: (?:id|no\.?|number|code))?(?: is)?|build|epoch|p\.?o\.?|release|timestamp|version|v|number of [\p{L} ]{1,40})[ :#]{0,3}$/iu;
const COUNTED =
  /^ ?(?:[kmgt]?i?b(?:ytes)?|bytes|[num\u00b5\u03bc]?s|(?:milli|micro|nano)?seconds|callers|calls|characters|cycles|events|items|lines|people|points|records|requests|rows|steps|times|tokens|units|users|words)(?![\p{L}\p{N}])/iu;

/** Whether the words beside a match say that it counts something, or is the number of a thing. */
export function isOtherNumber(text: string, { index, 0: { length } }: RegExpExecArray): boolean {
  return (
    OTHER_NUMBER.test(text.slice(Math.max(0, index - NEAR.before), index)) ||
    COUNTED.test(text.slice(index + length, index + length + NEAR.after))
  );
}

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}
