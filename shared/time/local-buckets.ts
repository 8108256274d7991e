// Hours, days and calendar periods by the clocks of a time zone. No other file handles time zones.
import { Temporal } from 'temporal-polyfill';
import { DAY_MS, HOUR_MS } from './durations.ts';

export const BUCKETS = ['hour', 'day'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Since time zones exist, every change of a clock was a multiple of this. */
const STEP_MINUTES = 15;

/** Whether the text names a zone of the IANA database. An offset such as +05:30 is not a zone. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    startOf(Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text), 'hour');
    return true;
  } catch {
    return false;
  }
}

/**
 * The starts of the zone's hours or days in `[since, until)`, and both ends of that window, ascending: two neighbours
 * are the edges of a bucket. Null when there are more than `limit` buckets. Requires `since < until` and a zone that
 * `isTimeZone` accepts.
 *
 * An hour begins when the clock first shows its number, a day at its first time of day. Where clocks go back by an
 * hour, the repeated hour makes two buckets; where they go back by half an hour, it makes one bucket of 90 minutes.
 */
export function cutWindow(
  { since, until }: Readonly<{ since: Date; until: Date }>,
  bucket: Bucket,
  timeZone: string,
  limit: number,
): Date[] | null {
  const stepMs = STEP_MS[bucket];
  // Too many whatever the zone does: a day is at most 25 hours, and no calendar left out two days running.
  if (until.getTime() - since.getTime() > (limit + 2) * stepMs * 1.05) return null;
  const edges = [since];
  const first = Temporal.Instant.fromEpochMilliseconds(since.getTime()).toZonedDateTimeISO(timeZone);
  let start = nextStart(startOf(first, bucket), bucket);
  while (start.epochMilliseconds < until.getTime()) {
    // While the zone keeps its offset, starts are equally far apart: the calendar is asked once for all of them.
    const changeMs = beginsWhole(start, bucket)
      ? (start.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY)
      : start.epochMilliseconds;
    let at = start.epochMilliseconds;
    for (;;) {
      if (edges.length === limit) return null;
      edges.push(new Date(at));
      if (at + stepMs >= Math.min(changeMs, until.getTime())) break;
      at += stepMs;
    }
    const last = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
    start = nextStart(last, bucket);
  }
  return [...edges, until];
}

/** False where a change of the clocks cut off the beginning of this hour or day. */
function beginsWhole(start: Temporal.ZonedDateTime, bucket: Bucket): boolean {
  return start.minute === 0 && start.second === 0 && (bucket === 'hour' || start.hour === 0);
}

const STEP_MS = { hour: HOUR_MS, day: DAY_MS } as const;

function startOf(time: Temporal.ZonedDateTime, bucket: Bucket): Temporal.ZonedDateTime {
  return bucket === 'day' ? time.startOfDay() : time.round({ smallestUnit: 'hour', roundingMode: 'floor' });
}

function nextStart(start: Temporal.ZonedDateTime, bucket: Bucket): Temporal.ZonedDateTime {
  // Steps over a day that the zone's calendar left out.
  if (bucket === 'day') return start.add({ days: 1 }).startOfDay();
  let within = start.add({ hours: 1 });
  let next = startOf(within, bucket);
  while (next.epochMilliseconds <= start.epochMilliseconds) {
    within = within.add({ minutes: STEP_MINUTES });
    next = startOf(within, bucket);
  }
  return next;
}

/** A period of the calendar: a year, a quarter, a month or a day. */
export type Period = Readonly<{ since: Date; until: Date }>;

/**
 * The period that a text names by the clocks of a zone: `2026`, `2026-Q3`, `2026-09` or `2026-09-14`. Null for any other
 * text, and for a day that no calendar has. Requires a zone that `isTimeZone` accepts.
 */
export function parsePeriod(text: string, timeZone: string): Period | null {
  const match = /^([1-9]\d{3})(?:-(?:Q([1-4])|(\d\d)(?:-(\d\d))?))?$/.exec(text);
  if (!match) return null;
  const [, year, quarter, month, day] = match;
  const firstMonth = quarter ? Number(quarter) * 3 - 2 : Number(month ?? 1);
  const length = day ? { days: 1 } : month ? { months: 1 } : quarter ? { months: 3 } : { years: 1 };
  try {
    const first = Temporal.PlainDate.from(
      { year: Number(year), month: firstMonth, day: Number(day ?? 1) },
      { overflow: 'reject' },
    );
    return { since: startOfDay(first, timeZone), until: startOfDay(first.add(length), timeZone) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function startOfDay(date: Temporal.PlainDate, timeZone: string): Date {
  return new Date(date.toZonedDateTime(timeZone).startOfDay().epochMilliseconds);
}

/** The day of the calendar on which a time falls, by the clocks of a zone: `2026-09-14`. */
export function localDay(time: Date, timeZone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(time.getTime());
  return instant.toZonedDateTimeISO(timeZone).toPlainDate().toString();
}
