// The shapes by which identifiers are recognized in a text.

import { AFTER, BEFORE, digitsOf, GAP, isOtherNumber, matches, matchesNear } from './leak-patterns.ts';
import { findPhones } from './leak-phones.ts';
import { readings } from './leak-text.ts';

/** Names of the shapes, as a problem shows them. */
const LEAK_SHAPES = ['SSN', 'phone number', 'card number', 'e-mail address'] as const;
/** One of `LEAK_SHAPES`. */
export type LeakShape = (typeof LEAK_SHAPES)[number];

/** A shape at a place of a text, in UTF-16 code units. */
export type ShapeMatch = Readonly<{ shape: LeakShape; begin: number; end: number }>;

/**
 * The shapes that a text holds in any of its readings (escapes decoded, as YAML), in the order of `LEAK_SHAPES`; empty
 * for none. Takes any text: the import asks it of an operator's policy texts and names, to warn of them.
 */
export function findShapes(text: string): LeakShape[] {
  const found = new Set<LeakShape>();
  for (const form of readings(text)) for (const { shape } of matchShapes(form)) found.add(shape);
  return LEAK_SHAPES.filter((shape) => found.has(shape));
}

/** The shapes that a text holds, as a sentence names them: "an SSN and a phone number". Null for none. */
export function describeShapes(text: string): string | null {
  const found = findShapes(text).map((shape) => ARTICLES[shape]);
  return found.length === 0 ? null : found.join(' and ');
}

const ARTICLES = {
  SSN: 'an SSN',
  'phone number': 'a phone number',
  'card number': 'a card number',
  'e-mail address': 'an e-mail address',
} as const satisfies Record<LeakShape, string>;

/** All matches in a normalized text (`leak-text.ts`), shape by shape. */
export function* matchShapes(withIds: string): Generator<ShapeMatch> {
  const text = withIds.replace(UUID, (id) => ' '.repeat(id.length));
  const among = (shape: LeakShape, found: Iterable<RegExpExecArray>) =>
    Array.from(found, ({ index, 0: { length } }) => ({ shape, begin: index, end: index + length }));
  if (HAS_DIGITS.test(text)) {
    // Three numbers with full stops between are a version where a word says so.
    const isSsn = (match: RegExpExecArray) => match[1] !== '.' || !isOtherNumber(text, match);
    yield* among('SSN', matches(text, SSN, isSsn));
    yield* among('SSN', matchesNear(text, SSN_NAMED, SSN_WORD));
    for (const { begin, end } of findPhones(text)) yield { shape: 'phone number', begin, end };
    yield* among(
      'card number',
      matches(text, CARD, (match) => passesLuhn(match[0])),
    );
    yield* among('card number', matchesNear(text, CARD_NAMED, CARD_WORD, beginsWithCard));
  }
  for (const pattern of EMAILS) {
    for (const match of matches(text, pattern)) yield withLocalPart(text, match);
  }
}

/** RFC 9562: one in twenty thousand has digits that read as a number to call. */
const UUID = /(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])/gi;

// All shapes of numbers have nine digits or more.
const HAS_DIGITS = /\d(?:\D{0,24}\d){8}/;

const shape = (body: string) => new RegExp(BEFORE + body + AFTER, 'giu');

// A comma or a full stop with a space is the end of a clause.
const SSN_GAP = String.raw`(?: ?[-/·_:*~|+\\=#;^'>→] ?|-{2,3}| \. |[., \n]|["')\]}] ?[-,]? ?["'([{])`;
const SSN = shape(String.raw`(?!000|666|9)\d{3}(${SSN_GAP})\d{2}\1\d{4}`);
const SSN_NAMED = new RegExp(
  String.raw`(?:(?<![\p{L}\p{N}]|\d[.,])|(?<=ssn))(?!000|666|9)\d(?:${SSN_GAP}?\d){8}(?![\p{L}\p{N}]|[.,]\d)`,
  'giu',
);
const SSN_WORD =
  /(?<!\p{L})(?:ssn|s\.s\.n|ss ?(?:#|no\.)|soc\.? ?sec|(?:social|sozial|seguro social)(?! (?:care|event|gathering|media|network|post|profile|work|worker)))/iu;

const CARD_GAP = String.raw`(?:[:*|+~=\\]| [/|] )`;
const CARD = shape(
  String.raw`[2-6](?:\d{12,18}|\d{3}(?<card>${CARD_GAP})\d{4}\k<card>\d{4}\k<card>\d{1,7}|\d{3}${GAP}\d{4}${GAP}\d{4}${GAP}\d{1,7}|\d{3}(?:${GAP}|${CARD_GAP})\d{6}(?:${GAP}|${CARD_GAP})\d{5}|\d{7}[- ]\d{8})`,
);
const CARD_NAMED = shape(String.raw`[2-6](?:(?:${GAP}|, | / )?\d){12,18}`);
const CARD_LENGTHS = [19, 16, 15, 13];
const CARD_WORD =
  /(?<!\p{L})(?:card|visa|mastercard|amex|american express|(?:credit|debit)(?!s| (?:hour|limit|point|score|unit))|tarjeta|karte)/iu;

const LABEL = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}-]{0,62}`;
const AT_END = String.raw`(?![\p{L}\p{N}_])`;
// Ends that are no words of a sentence in which an @ or a full stop has spaces around it.
const COMMON_TLD = '(?:com|net|org|edu|gov|info|health|example|io|de|es|fr|uk|us|ca)';
const DOT_WORD = '(?:dot|punto|punkt|point)';
// A word of its own, or in brackets.
const spelled = (word: string) => String.raw`(?:[([{<] ?${word} ?[)\]}>]|(?<= )${word}(?= ))`;
const DOT = String.raw`(?: ?${spelled(DOT_WORD)} ?| ?\. ?)`;
// Websites are "at" a name too, so something has to say that a mailbox is meant: a word for it, or a sign in its name.
const MAIL_WORD = String.raw`(?<!\p{L})(?:e-?mail(?: address)?|correo)(?: is| es| to|:) (?:[\p{L}\p{N}]{1,64} ){1,3}`;
const NAME_SIGN = String.raw`(?:\p{L}[\p{L}\p{N}]*(?:[._+]| (?:${DOT_WORD}|underscore|hyphen|dash|plus) )[\p{L}\p{N}]+)`;
const MAIL_HOST = `(?:aol|gmail|gmx|googlemail|hotmail|icloud|outlook|proton|protonmail|yahoo)`;
const EMAILS: readonly RegExp[] = [
  // Starts at the @ and asks of the left side only that it is there: a local part may be of any length.
  new RegExp(
    String.raw`(?<=[\p{L}\p{M}\p{N}_.%+'")-])@\n?(?:${LABEL}\.){1,20}(?:xn--[a-z0-9-]{1,59}|\p{L}[\p{L}\p{M}]{1,62})${AT_END}`,
    'giu',
  ),
  // A space before it alone makes a handle of it.
  new RegExp(
    String.raw`(?<=[\p{L}\p{N}])(?: @ |@ ?)(?!\d+ ?\.)(?:${LABEL}${DOT}){1,8}${COMMON_TLD}${AT_END}`,
    'giu',
  ),
  new RegExp(String.raw`(?<=[\p{L}\p{N}])@\[?\d{1,3}(?:\.\d{1,3}){3}\]?${AT_END}`, 'giu'),
  new RegExp(String.raw`(?<=[\p{L}\p{N}])@${LABEL},(?:com|edu|net|org)${AT_END}`, 'giu'),
  new RegExp(
    String.raw`(?<=[\p{L}\p{N}] ?)(?:[([{<] ?(?:a|at|ät) ?[)\]}>]|_at_|-at-(?=[^-. ]{1,63}-dot-)|(?<=(?<!www)[._+][\p{L}\p{N}]{1,64})-at-) ?(?:${LABEL}(?:${DOT}|-dot-|_dot_)){1,8}?${COMMON_TLD}${AT_END}`,
    'giu',
  ),
  new RegExp(
    String.raw`(?:(?<=${MAIL_WORD})|(?<=(?<![\p{L}\p{N}])${NAME_SIGN} )|(?<=[\p{L}\p{N}] )(?=(?:at|ät|at sign) ${MAIL_HOST}${DOT})|(?<=[\p{L}\p{N}] )(?=arroba ))(?:at|at sign|ät|arroba) (?!www)(?:${LABEL}${DOT}){1,8}(?:${COMMON_TLD}|me|it|ch)${AT_END}`,
    'giu',
  ),
];

const LOCAL_PART = /[\p{L}\p{M}\p{N}_.%+'-]/u;

function withLocalPart(text: string, { index, 0: { length } }: RegExpExecArray): ShapeMatch {
  let begin = index;
  while (begin > 0 && LOCAL_PART.test(text[begin - 1] as string)) begin -= 1;
  return { shape: 'e-mail address', begin, end: index + length };
}

/** Whether some first groups of a number are a card's: an expiry date may follow. */
function beginsWithCard({ 0: written }: RegExpExecArray): boolean {
  const groups = written.split(/\D/);
  return groups.some((_, index) => {
    const digits = groups.slice(0, index + 1).join('');
    return CARD_LENGTHS.includes(digits.length) && passesLuhn(digits);
  });
}

function passesLuhn(text: string): boolean {
  const digits = [...digitsOf(text)].map(Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const value = index % 2 === 0 ? digit : digit * 2;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
