// Phone numbers in a normalized text: of the North American Numbering Plan (NANP), and international ones with their
// country code. `libphonenumber-js` knows which are assigned; it is asked only of stretches that can be one.
import { createRequire } from 'node:module';
import { AFTER, BEFORE, digitsOf, isOtherNumber, matches } from './leak-patterns.ts';

type Place = Readonly<{ begin: number; end: number }>;

type PhoneLibrary = typeof import('libphonenumber-js/min');

let library: PhoneLibrary | undefined;

/** Loaded for the first stretch that needs it: that takes a tenth of a second, and most processes ask about none. */
function phoneLibrary(): PhoneLibrary {
  library ??= createRequire(import.meta.url)('libphonenumber-js/min') as PhoneLibrary;
  return library;
}

/** The phone numbers in a normalized text. */
export function* findPhones(text: string): Generator<Place> {
  for (const match of matches(text, NANP, (found) => isNanp(text, found))) yield placeOf(match);
  for (const match of matches(text, SIGNED)) yield placeOf(match);
  for (const match of matches(text, SPACED, isSpacedPhone)) yield placeOf(match);
  for (const match of matches(text, LABELLED, isLabelledPhone)) yield placeOf(match);
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
  String.raw`${BEFORE}(?:\+?1${SEP}?)?(?:[([{<] ?)?[2-9]\d{2}(?: ?[)\]}>])?(?:${SEP}{0,2}[2-9]\d{2}${SEP}?| \. [2-9]\d{2} \. )\d{4}(?:${AFTER}|(?=x\d))`,
  'giu',
);
// Equal signs of other kinds, or the area code named.
const SIGNED = new RegExp(
  String.raw`${BEFORE}(?:[2-9]\d{2}([:=*~|+\\]|//)[2-9]\d{2}\1\d{4}|area code (?:is )?[2-9]\d{2}\D{1,24}[2-9]\d{2}[-. ]?\d{4})${AFTER}`,
  'giu',
);
// Digit by digit, or the last four digits in pairs, with equal signs between; not within a longer list.
const SPACED = new RegExp(
  String.raw`${BEFORE}(?<!\d[-. ])(?:\+?1[- .])?(?:[2-9]([-. ])\d(?:\1\d){8}|[2-9]\d{2}([-. ])[2-9]\d{2}\2\d{2}\2\d{2})(?![-. ]\d)${AFTER}`,
  'giu',
);
// In groups that lists of numbers have too, or as dialled at home: a word for it has to stand in front.
const PHONE_WORD = String.raw`(?<!\p{L})(?:call|dial|(?:reach|text|call|ring) (?:me|us|him|her|them)|(?:cell|mobile|phone|fax)(?: (?:number|no\.?|phone))?|(?:my|his|her|our|their|the) number|number(?= is)|tel|telephone|telefon|t[eé]l[eé]phone|t[eé]l[eé]fono|whatsapp)`;
const LABELLED = new RegExp(
  String.raw`(?<=${PHONE_WORD}(?: (?:at|on|is))?[.:]? ?)(?!\d\d?[-./]\d\d?[-./]\d{4})(?:[2-9]\d([-. ])\d{2}(?:\1\d{2}){3}|[2-9]\d{4}[- ]\d{5}|[2-9]\d[- ]\d{4}[- ]\d{4}|[2-9]\d{3}[- ]\d{3}[- ]\d{3}|0\d(?:[-./ ]?\d){7,10}|[1-9]\d(?:[-/ ]\d{2,6}){2,4})${AFTER}`,
  'giu',
);

// The country code after +, or after the prefix by which one dials abroad where groups show that it is one.
const INTERNATIONAL = new RegExp(
  String.raw`(?:(?<![\p{L}\p{N}_])\+ ?|${BEFORE}(?:00|011)(?=[-. /]?[1-9]\d{0,2}[-. /])[-. /]?)\(?\d(?:[-./ ()·_:]{0,2}\d){6,16}`,
  'giu',
);

function placeOf({ index, 0: { length } }: RegExpExecArray): Place {
  return { begin: index, end: index + length };
}

// A number written in its groups is one, also where the area code is not assigned, unless it is in a list of groups.
function isNanp(text: string, match: RegExpExecArray): boolean {
  const { 0: written, index } = match;
  const sign = /^\d{3}([ ,.])\d{3}\1\d{4}$/.exec(written)?.[1];
  if (sign === undefined && /\d\D+\d{3}\D*\d{4}$/.test(written)) return true;
  if (sign !== undefined) {
    const before = text.slice(Math.max(0, index - 3), index);
    return (
      !(/\d{2}.$/.test(before) && before.endsWith(sign)) && !(sign === ',' && isOtherNumber(text, match))
    );
  }
  return isAssigned(digitsOf(written)) && !isOtherNumber(text, match);
}

function isSpacedPhone({ 0: written }: RegExpExecArray): boolean {
  return isAssigned(digitsOf(written));
}

// Ten digits are a number of the NANP; others begin as numbers at home or abroad do.
function isLabelledPhone({ 0: written }: RegExpExecArray): boolean {
  const digits = digitsOf(written);
  return (
    digits.startsWith('0') || (digits.length === 10 && isAssigned(digits)) || isInternational(`+${digits}`)
  );
}

const assigned = new Map<string, boolean>();

/** Whether the NANP assigns the area code of ten digits, or of eleven that begin with the country code. */
function isAssigned(digits: string): boolean {
  const area = digits.slice(-10, -7);
  let answer = assigned.get(area);
  if (answer === undefined) {
    answer = phoneLibrary().parsePhoneNumberFromString(`+1${area}5552368`)?.isValid() ?? false;
    assigned.set(area, answer);
  }
  return answer && /[2-9]\d{6}$/.test(digits);
}

function holdsInternational(written: string): boolean {
  const plain = written.replace(/^(?:00|011|\+)[-. /]?/, '+').replace(/[·_:]/g, ' ');
  return isInternational(plain);
}

function isInternational(plain: string): boolean {
  return phoneLibrary().findPhoneNumbersInText(plain, 'US').length > 0;
}
