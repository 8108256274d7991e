// The shapes by which identifiers are recognized in a normalized text (`leak-text.ts`).

/** Names of the shapes, as a problem shows them. */
export const LEAK_SHAPES = ['SSN', 'phone number', 'card number', 'e-mail address'] as const;
/** One of `LEAK_SHAPES`. */
export type LeakShape = (typeof LEAK_SHAPES)[number];

// A match must not touch a letter, a digit, an underscore or the rest of a decimal number.
const BEFORE = String.raw`(?<![\p{L}\p{N}_]|\d\.)`;
const AFTER = String.raw`(?![\p{L}\p{N}_]|\.\d)`;
const GAP = String.raw`[-. \n]`;

const shape = (body: string) => new RegExp(BEFORE + body + AFTER, 'gu');

const SSN = shape(String.raw`(?!000|666|9)\d{3}(${GAP})\d{2}\1\d{4}`);
// North American Numbering Plan: area and exchange start from 2; the country code may stand in front.
const PHONE = shape(String.raw`(?:\+?1[-./ \n]?)?\(?[2-9]\d{2}\)?[-./ \n]{0,2}[2-9]\d{2}[-./ \n]?\d{4}`);
const CARD = shape(
  String.raw`[2-6](?:\d{12,18}|\d{3}${GAP}\d{4}${GAP}\d{4}${GAP}\d{1,7}|\d{3}${GAP}\d{6}${GAP}\d{5})`,
);
// Starts at the @ and asks of the left side only that it is there: a local part may be of any length.
const EMAIL =
  /(?<=[\p{L}\p{N}_.%+'")-])@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,62})\.){1,20}(?:xn--[a-z0-9-]{1,59}|\p{L}[\p{L}\p{M}]{1,62})(?![\p{L}\p{N}_])/giu;

/** The shapes that a normalized text holds, in the order of `LEAK_SHAPES`; empty for none. */
export function findShapes(text: string): LeakShape[] {
  const found: LeakShape[] = [];
  if (holds(text, SSN)) found.push('SSN');
  if (holds(text, PHONE)) found.push('phone number');
  if (holds(text, CARD, passesLuhn)) found.push('card number');
  if (holds(text, EMAIL)) found.push('e-mail address');
  return found;
}

// Matches may overlap, so the search goes on one character after a match that fails its check.
function holds(text: string, pattern: RegExp, check: (match: string) => boolean = () => true): boolean {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (check(match[0])) return true;
    pattern.lastIndex = match.index + 1;
  }
  return false;
}

function passesLuhn(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].map(Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const value = index % 2 === 0 ? digit : digit * 2;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
