// Phone numbers in a normalized text: of the North American Numbering Plan (NANP), and international ones with their
// country code. `libphonenumber-js` knows which are assigned; it is asked only of stretches that can be one.
import { findPhoneNumbersInText, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { AFTER, BEFORE, digitsOf, matches, matchesNear } from './leak-patterns.ts';

type Place = Readonly<{ begin: number; end: number }>;

/** The phone numbers in a normalized text. */
export function* findPhones(text: string): Generator<Place> {
  for (const match of matches(text, NANP, isNanp)) yield placeOf(match);
  for (const match of matches(text, SPACED, isSpacedPhone)) yield placeOf(match);
  for (const match of matchesNear(text, PAIRED, PHONE_WORD, isSpacedPhone)) yield placeOf(match);
  let asked = 0;
  for (const { 0: written, index } of matches(text, INTERNATIONAL)) {
    asked += 1;
    if (asked > ASKED_LIMIT || holdsInternational(written)) {
      yield { begin: index, end: index + written.length };
    }
  }
}

/**
 * International candidates of a text about which the library is asked, at 10 to 100 µs each. A text with more counts as
 * one that holds numbers.
 */
const ASKED_LIMIT = 200;

const SEP = String.raw`[-./ \n·_,]`;
// Area and exchange start from 2; the country code may stand in front.
const NANP = new RegExp(
  String.raw`${BEFORE}(?:\+?1${SEP}?)?[([]?[2-9]\d{2}[)\]]?${SEP}{0,2}[2-9]\d{2}${SEP}?\d{4}(?:${AFTER}|(?=x\d))`,
  'giu',
);
// Digit by digit, or the last four digits in pairs, with equal signs between.
const SPACED = new RegExp(
  String.raw`${BEFORE}(?:\+?1[- .])?(?:[2-9]([-. ])\d(?:\1\d){8}|[2-9]\d{2}([-. ])[2-9]\d{2}\2\d{2}\2\d{2})${AFTER}`,
  'giu',
);
// In pairs, which lists of numbers are too: a word for it has to stand near.
const PAIRED = new RegExp(String.raw`${BEFORE}[2-9]\d([-. ])\d{2}(?:\1\d{2}){3}${AFTER}`, 'giu');
const PHONE_WORD =
  /(?<!\p{L})(?:call|cell|dial|fax|mobile|number|phone|reach|ring|tel|telephone|text|whatsapp)/iu;

// The country code after +, or after the prefix by which one dials abroad where groups show that it is one.
const INTERNATIONAL = new RegExp(
  String.raw`(?:(?<![\p{L}\p{N}_])\+ ?|${BEFORE}(?:00|011)(?=[-. /]?[1-9]\d{0,2}[-. /])[-. /]?)\(?\d(?:[-./ ()·_]{0,2}\d){6,16}`,
  'giu',
);

function placeOf({ index, 0: { length } }: RegExpExecArray): Place {
  return { begin: index, end: index + length };
}

// A number written in its groups is one, also where the area code is not assigned.
function isNanp({ 0: written }: RegExpExecArray): boolean {
  return /\d\D+\d{3}\D*\d{4}$/.test(written) || isAssigned(digitsOf(written));
}

function isSpacedPhone({ 0: written }: RegExpExecArray): boolean {
  return isAssigned(digitsOf(written));
}

const assigned = new Map<string, boolean>();

/** Whether the NANP assigns the area code of ten digits, or of eleven that begin with the country code. */
function isAssigned(digits: string): boolean {
  const area = digits.slice(-10, -7);
  let answer = assigned.get(area);
  if (answer === undefined) {
    answer = parsePhoneNumberFromString(`+1${area}5552368`)?.isValid() ?? false;
    assigned.set(area, answer);
  }
  return answer && /[2-9]\d{6}$/.test(digits);
}

function holdsInternational(written: string): boolean {
  const plain = written.replace(/^(?:00|011|\+)[-. /]?/, '+').replace(/[·_]/g, ' ');
  return findPhoneNumbersInText(plain, 'US').length > 0;
}
