// The one calendar of the program: times in entries, exports, queries, settings and options are held against it.

/** What the digits of a time say: whole numbers from 0 on. */
export type TimeParts = Parameters<typeof findImpossiblePart>;

/** The part of a time that no calendar or clock has. */
export type ImpossiblePart = 'month' | 'day' | 'hour' | 'minute' | 'second';

/**
 * The first part that does not exist, or null for a time that exists. Days are those of the Gregorian calendar, which
 * ISO 8601 carries back before 1582. 24:00 and leap seconds do not exist here: a `Date` holds neither, and would make
 * another day or second of them.
 */
export function findImpossiblePart(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): ImpossiblePart | null {
  const days = month === FEBRUARY && isLeapYear(year) ? 29 : DAYS_OF_MONTH[month];
  if (days === undefined) return 'month';
  if (day < 1 || day > days) return 'day';
  if (hour > 23) return 'hour';
  if (minute > 59) return 'minute';
  return second > 59 ? 'second' : null;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const FEBRUARY = 2;
const DAYS_OF_MONTH = [undefined, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
