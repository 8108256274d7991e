// The windows that a reader chooses from without counting days: months and quarters of the calendar, beside own dates.
import { isTimeZone, localDay, parsePeriod } from '../../../../shared/time/local-buckets.ts';
import { formatTime } from '../../markup/time.ts';

/** `own`: from one day to another. */
export const WHEN = ['last_month', 'this_month', 'last_quarter', 'this_quarter', 'own'] as const;
export type When = (typeof WHEN)[number];

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** The period of the calendar at a time, by the clocks of a zone: `2026-10`, `2026-Q3`. */
export function periodAt(when: Exclude<When, 'own'>, now: Date, timeZone: string): string {
  const [year, month] = localDay(now, timeZone).split('-').map(Number) as [number, number];
  // Counted from year 0, so that the one before January is December of the year before.
  const months = year * 12 + month - 1 - (when === 'last_month' ? 1 : 0);
  const quarters = year * 4 + Math.floor((month - 1) / 3) - (when === 'last_quarter' ? 1 : 0);
  return when.endsWith('month')
    ? `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`
    : `${Math.floor(quarters / 4)}-Q${(quarters % 4) + 1}`;
}

/** A period for people: `October 2026`, `Q3 2026`, `14 September 2026`, `2026`. */
export function namePeriod(period: string): string {
  const [year = '', part = '', day] = period.split('-');
  if (part === '') return year;
  if (part.startsWith('Q')) return `${part} ${year}`;
  const month = `${MONTHS[Number(part) - 1]} ${year}`;
  return day === undefined ? month : `${Number(day)} ${month}`;
}

export type NamedWindow = Readonly<{ since: string; until: string; tz: string; period: string | null }>;

/**
 * A window for people: its period, whether or not that was asked for by name; otherwise its first and last day where it
 * holds whole days, and its two times where it does not.
 */
export function nameWindow({ since, until, tz: stated, period }: NamedWindow): string {
  if (period !== null) return namePeriod(period);
  const tz = knownZone(stated);
  const [begin, end] = [new Date(since), new Date(until)];
  return nameDays(begin, end, tz) ?? `${formatTime(begin, tz)} to ${formatTime(end, tz)}`;
}

/** Days begin at multiples of this in every zone, since zones exist. */
const QUARTER_HOUR_MS = 900_000;

/** The period or the days that a window holds whole; null for any other. */
function nameDays(begin: Date, end: Date, tz: string): string | null {
  // Almost every session and most windows end here: the calendar is slow to ask.
  if (end <= begin || [begin, end].some((edge) => edge.getTime() % QUARTER_HOUR_MS !== 0)) return null;
  const key = `${begin.getTime()} ${end.getTime()} ${tz}`;
  const known = named.get(key);
  if (known !== undefined) return known;
  const name = askCalendar(begin, end, tz);
  if (named.size === NAMES_KEPT) named.clear();
  named.set(key, name);
  return name;
}

/** Rows of one page, and of its next visit, are mostly on the same few months. */
const NAMES_KEPT = 1_000;
const named = new Map<string, string | null>();

function askCalendar(begin: Date, end: Date, tz: string): string | null {
  const [first, last] = [localDay(begin, tz), localDay(new Date(end.getTime() - 1), tz)];
  const begins = (text: string) => parsePeriod(text, tz)?.since.getTime() === begin.getTime();
  const ends = (text: string) => parsePeriod(text, tz)?.until.getTime() === end.getTime();
  const whole = periodsAt(begin, tz).find((text) => begins(text) && ends(text));
  if (whole !== undefined) return namePeriod(whole);
  return begins(first) && ends(last) ? `${namePeriod(first)} to ${namePeriod(last)}` : null;
}

/** A zone as a row states it, which may be anything; UTC in place of one that this process does not know. */
export function knownZone(stated: string): string {
  return isTimeZone(stated) ? stated : 'UTC';
}

/** The periods that hold a time, by the clocks of a zone, the shortest first. */
function periodsAt(time: Date, tz: string): readonly string[] {
  const day = localDay(time, tz);
  return [day, periodAt('this_month', time, tz), periodAt('this_quarter', time, tz), day.slice(0, -6)];
}
