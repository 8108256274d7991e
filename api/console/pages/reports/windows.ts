// The windows that a reader chooses from without counting days: months and quarters of the calendar, beside own dates.
import { localDay, parsePeriod } from '../../../../shared/time/local-buckets.ts';
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

/** A period for people: `October 2026`, `3rd quarter of 2026`, `14 September 2026`, `2026`. */
export function namePeriod(period: string): string {
  const [year = '', part = '', day] = period.split('-');
  if (part === '') return year;
  if (part.startsWith('Q')) return `${['1st', '2nd', '3rd', '4th'][Number(part[1]) - 1]} quarter of ${year}`;
  const month = `${MONTHS[Number(part) - 1]} ${year}`;
  return day === undefined ? month : `${Number(day)} ${month}`;
}

export type NamedWindow = Readonly<{ since: string; until: string; tz: string; period: string | null }>;

/** A window for people: its period, its first and last day where it holds whole days, its two times otherwise. */
export function nameWindow({ since, until, tz, period }: NamedWindow): string {
  if (period !== null) return namePeriod(period);
  const [begin, end] = [new Date(since), new Date(until)];
  const [first, last] = [localDay(begin, tz), localDay(new Date(end.getTime() - 1), tz)];
  const isWhole =
    parsePeriod(first, tz)?.since.getTime() === begin.getTime() &&
    parsePeriod(last, tz)?.until.getTime() === end.getTime();
  if (!isWhole) return `${formatTime(begin, tz)} to ${formatTime(end, tz)}`;
  return first === last ? namePeriod(first) : `${namePeriod(first)} to ${namePeriod(last)}`;
}
