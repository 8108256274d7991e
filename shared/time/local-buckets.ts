// Hours, days and calendar periods by the clocks of a time zone. Beside it, only zone-offsets.ts handles time zones.
import { setImmediate } from 'node:timers/promises';
import { Temporal } from 'temporal-polyfill';
import { DAY_MS, HOUR_MS } from './durations.ts';
import { lastChange, type OffsetSpan, offsetAt, offsetSpans } from './zone-offsets.ts';

export const BUCKETS = ['hour', 'day'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** The names that this process lists for zones; it knows others of the same zones too. */
export const ZONES: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/** Whether the text names a zone of the IANA database. An offset such as +05:30 is not a zone. */
export function isTimeZone(text: string): boolean {
  // Looked up first: to make a format of a zone takes a fifth of a millisecond.
  if (ZONES.has(text)) return true;
  if (!/^[A-Za-z][\w+/-]*$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
    return true;
  } catch {
    return false;
  }
}

/** A window of time, half-open: `since` is before `until`. */
type Window = Readonly<{ since: Date; until: Date }>;

/**
 * The starts of the zone's hours or days in `[since, until)`, and both ends of that window, ascending: two neighbours
 * are the edges of a bucket. Null when there are more than `limit` buckets: their number is computed before any is made.
 * Requires `since < until` and a zone that `isTimeZone` accepts.
 *
 * An hour begins at every whole hour of the zone's clocks, and where a change of the clocks brings another hour. So an
 * hour that clocks repeat makes two buckets, and where they go back by half an hour, within one hour, it makes one of 90
 * minutes. A day begins at its first time of day, and is not begun again where clocks go back over midnight.
 */
export function cutWindow(window: Window, bucket: Bucket, timeZone: string, limit: number): Date[] | null {
  const steps = cutInSteps(window, bucket, timeZone, limit);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As `cutWindow`, off the event loop's way: lets it turn between two steps. */
export async function cutWindowInTurns(
  window: Window,
  bucket: Bucket,
  timeZone: string,
  limit: number,
): Promise<Date[] | null> {
  const steps = cutInSteps(window, bucket, timeZone, limit);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await setImmediate();
  }
}

/** Starts that are equally far apart. */
type Run = Readonly<{ firstMs: number; count: number }>;

/** Yields after each change of the clocks that it looked up. */
function* cutInSteps(
  { since, until }: Window,
  bucket: Bucket,
  timeZone: string,
  limit: number,
): Generator<void, Date[] | null> {
  const stepMs = STEP_MS[bucket];
  const [sinceMs, untilMs] = [since.getTime(), until.getTime()];
  // Too many whatever the zone does: changes of the clocks take less than a twentieth of its hours and days.
  if (untilMs - sinceMs > (limit + 4) * stepMs * 1.05) return null;
  const runs: Run[] = [];
  let bucketCount = 1;
  let begun = bucket === 'day' ? lastBegunDay(timeZone, sinceMs) : Number.NEGATIVE_INFINITY;
  for (const span of offsetSpans(timeZone, sinceMs, untilMs)) {
    for (const run of startsIn(span, stepMs, begun)) {
      runs.push(run);
      bucketCount += run.count;
    }
    if (bucket === 'day') begun = Math.max(begun, shownAt(span.endMs - 1, span.offsetMs, stepMs));
    if (bucketCount > limit) return null;
    yield;
  }
  const starts = runs.flatMap(({ firstMs, count }) =>
    Array.from({ length: count }, (_, i) => new Date(firstMs + i * stepMs)),
  );
  return [since, ...starts, until];
}

/**
 * The starts in a span: where a change brings another hour or day, and each whole one. `begun`: the last day that has
 * begun already, counted from 1970.
 */
function startsIn({ beginMs, endMs, offsetMs, formerMs }: OffsetSpan, stepMs: number, begun: number): Run[] {
  const shown = shownAt(beginMs, offsetMs, stepMs);
  const isWhole = modulo(beginMs + offsetMs, stepMs) === 0;
  const isChanged =
    formerMs !== null && !isWhole && shown !== shownAt(beginMs - 1, formerMs, stepMs) && shown > begun;
  // A window's own begin is an edge without being a start.
  const first = Math.max(isWhole && formerMs !== null ? shown : shown + 1, begun + 1);
  const firstMs = first * stepMs - offsetMs;
  const count = Math.max(0, Math.ceil((endMs - firstMs) / stepMs));
  return [...(isChanged ? [{ firstMs: beginMs, count: 1 }] : []), ...(count > 0 ? [{ firstMs, count }] : [])];
}

/** The last day of a zone that has begun at a time. Clocks that went back over midnight show the day before it. */
function lastBegunDay(timeZone: string, atMs: number): number {
  const shown = shownAt(atMs, offsetAt(timeZone, atMs), DAY_MS);
  const change = lastChange(timeZone, atMs);
  return change ? Math.max(shown, shownAt(change.atMs - 1, change.formerMs, DAY_MS)) : shown;
}

/** The hour or day that clocks show at a time, counted from 1970. */
function shownAt(ms: number, offsetMs: number, stepMs: number): number {
  return Math.floor((ms + offsetMs) / stepMs);
}

function modulo(ms: number, stepMs: number): number {
  return ((ms % stepMs) + stepMs) % stepMs;
}

const STEP_MS = { hour: HOUR_MS, day: DAY_MS } as const;

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
