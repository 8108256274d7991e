// Hours and days by the clocks of a time zone. No other file handles time zones.
import { Temporal } from 'temporal-polyfill';

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
