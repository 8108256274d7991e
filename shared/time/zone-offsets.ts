// How far the clocks of a time zone are from UTC, from one change to the next.
import { Temporal } from 'temporal-polyfill';

/** A stretch of time in which a zone keeps its offset, in Unix milliseconds, half-open. */
export type OffsetSpan = Readonly<{
  beginMs: number;
  endMs: number;
  /** To add to a time for what the zone's clocks show. */
  offsetMs: number;
  /** The offset up to the begin; null where the span begins with the window and not with a change. */
  formerMs: number | null;
}>;

/**
 * The spans of `[sinceMs, untilMs)`, ascending. Looks up one change a step, which takes milliseconds in a zone that was not
 * asked for before. Requires `sinceMs < untilMs` and a zone that `isTimeZone` accepts.
 */
export function* offsetSpans(timeZone: string, sinceMs: number, untilMs: number): Generator<OffsetSpan> {
  let time = zonedTime(sinceMs, timeZone);
  for (let formerMs: number | null = null, beginMs = sinceMs; ; ) {
    const offsetMs = time.offsetNanoseconds / 1e6;
    const change = time.getTimeZoneTransition('next');
    const endMs = Math.min(change?.epochMilliseconds ?? untilMs, untilMs);
    yield { beginMs, endMs, offsetMs, formerMs };
    if (change === null || endMs === untilMs) return;
    [formerMs, beginMs, time] = [offsetMs, endMs, change];
  }
}

/** The last change of the zone's clocks before a time or at it; null where there is none. */
export function lastChange(
  timeZone: string,
  atMs: number,
): Readonly<{ atMs: number; formerMs: number }> | null {
  const change = zonedTime(atMs + 1, timeZone).getTimeZoneTransition('previous');
  if (change === null) return null;
  return { atMs: change.epochMilliseconds, formerMs: offsetAt(timeZone, change.epochMilliseconds - 1) };
}

/** The zone's offset at a time, in milliseconds. */
export function offsetAt(timeZone: string, atMs: number): number {
  return zonedTime(atMs, timeZone).offsetNanoseconds / 1e6;
}

function zonedTime(ms: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
}
