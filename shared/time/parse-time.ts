// Reads the times that come from outside: in queries, in rows of an export, in settings and options of commands. No
// other file makes a `Date` of such a text. An entry's `ts` has a stricter form (`shared/audit/entry.ts`) and the same
// calendar.
import { findImpossiblePart, type TimeParts } from '../audit/calendar.ts';
import { MINUTE_MS } from './durations.ts';

/** What is wrong with a text that is not a time, as a sentence that follows the name of its field. */
export const TIME_FAULTS = {
  form: 'is not an ISO 8601 time with seconds and an offset, such as 2026-05-03T21:14:32Z',
  month: 'has a month that is not 01 to 12',
  day: 'has a day that its month does not have',
  hour: 'has an hour that is not 00 to 23',
  minute: 'has a minute that is not 00 to 59',
  second: 'has a second that is not 00 to 59',
  offset: 'has an offset that is not Z, +00:00 to +23:59, or -00:01 to -23:59',
  year: 'is outside the years 0000 to 9999 in UTC',
  fraction: 'has digits past the millisecond, which would be lost',
} as const;

/** One of `TIME_FAULTS`. */
export type TimeFault = keyof typeof TIME_FAULTS;

/** A time, or why the text is none. */
export type ParsedTime = Readonly<{ ok: true; time: Date }> | Readonly<{ ok: false; fault: TimeFault }>;

const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Reads an ISO 8601 time with seconds, 0 to 9 fraction digits, and `Z` or an offset, for a bound of a window. Rounds up
 * to a whole millisecond: sessions start at whole ones, so that `>=` and `<` stay exact. Refuses days that no calendar
 * has, the offset `-00:00` (by RFC 3339 an unknown one), and times whose UTC year has no four digits.
 */
export function parseTime(text: string): ParsedTime {
  const match = ISO_TIME.exec(text);
  if (!match) return { ok: false, fault: 'form' };
  const impossible = findImpossiblePart(...(match.slice(1, 7).map(Number) as TimeParts));
  if (impossible) return { ok: false, fault: impossible };
  const [fraction = '', sign = '+', hours = '00', minutes = '00'] = match.slice(7);
  const offsetMinutes = Number(hours) * 60 + Number(minutes);
  if (Number(hours) > 23 || Number(minutes) > 59 || (sign === '-' && offsetMinutes === 0)) {
    return { ok: false, fault: 'offset' };
  }
  // Not Date.UTC, which takes the years 0 to 99 for those of the twentieth century.
  const wholeMs = Date.parse(`${text.slice(0, WHOLE_LENGTH)}Z`);
  const fractionMs = Math.ceil(Number(fraction.padEnd(9, '0')) / 1e6);
  const time = new Date(wholeMs + fractionMs - offsetMinutes * MINUTE_MS * (sign === '-' ? -1 : 1));
  return hasFourDigitYear(time) ? { ok: true, time } : { ok: false, fault: 'year' };
}

/** As `parseTime`, for a time that is kept as evidence: refuses digits past the millisecond unless they are zeros. */
export function parseExactTime(text: string): ParsedTime {
  const parsed = parseTime(text);
  return parsed.ok && PAST_MILLISECOND.test(text) ? { ok: false, fault: 'fraction' } : parsed;
}

/** Throws a RangeError unless the time is valid and in the years that seals and reports can write, 0000 to 9999 in UTC. */
export function assertRecordable(name: string, time: Date): void {
  if (!hasFourDigitYear(time)) throw new RangeError(`${name} must be a time in the years 0000 to 9999, UTC`);
}

function hasFourDigitYear(time: Date): boolean {
  return time.getTime() >= FIRST_MS && time.getTime() <= LAST_MS;
}

const PAST_MILLISECOND = /\.\d{3}\d*[1-9]/;
const WHOLE_LENGTH = '2026-05-03T21:14:32'.length;
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
