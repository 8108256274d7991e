// Hours and days as the clocks of a time zone have them. Nothing else in the program knows of time zones.
import { Temporal } from 'temporal-polyfill';

export const BUCKETS = ['hour', 'day'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** No zone has moved its clock by anything but multiples of this since clocks were set by zone. */
const STEP_MINUTES = 15;

/** Whether the text names a zone of the IANA database; an offset such as +05:30 is no zone. */
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
 * Where the zone's hours or days begin in `[since, until)`, with both ends of that window: ascending, so that each two
 * neighbours are a bucket. Null when there are more than `limit` buckets. Requires `since < until` and a zone that
 * `isTimeZone` knows.
 *
 * An hour begins when its number first shows on the clock, as a day does at the first time it has: where clocks go back by
 * an hour the same number makes two buckets, but where they go back by half an hour, one of 90 minutes.
 */
export function cutWindow(
  { since, until }: Readonly<{ since: Date; until: Date }>,
  bucket: Bucket,
  timeZone: string,
  limit: number,
): Date[] | null {
  const edges = [since];
  const first = Temporal.Instant.fromEpochMilliseconds(since.getTime()).toZonedDateTimeISO(timeZone);
  let start = nextStart(startOf(first, bucket), bucket);
  while (start.epochMilliseconds < until.getTime()) {
    if (edges.length === limit) return null;
    edges.push(new Date(start.epochMilliseconds));
    start = nextStart(start, bucket);
  }
  return [...edges, until];
}

function startOf(time: Temporal.ZonedDateTime, bucket: Bucket): Temporal.ZonedDateTime {
  return bucket === 'day' ? time.startOfDay() : time.round({ smallestUnit: 'hour', roundingMode: 'floor' });
}

function nextStart(start: Temporal.ZonedDateTime, bucket: Bucket): Temporal.ZonedDateTime {
  // A day that a zone left out is stepped over, as the calendar has it.
  if (bucket === 'day') return start.add({ days: 1 }).startOfDay();
  let within = start.add({ hours: 1 });
  let next = startOf(within, bucket);
  while (next.epochMilliseconds <= start.epochMilliseconds) {
    within = within.add({ minutes: STEP_MINUTES });
    next = startOf(within, bucket);
  }
  return next;
}
