// The two forms in which callers give a time: how long ago, or an ISO 8601 time.
import { DAY_MS, HOUR_MS } from './durations.ts';

/** The start of a window. A cursor holds the text as it was given: equal texts mean the same window. */
export type Since = Readonly<{ text: string; agoMs: number } | { text: string; at: Date }>;

const MAX_AGO_MS = 366 * DAY_MS;

const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** The start of a window when the caller gives none: 24 hours ago. */
export const DEFAULT_SINCE: Since = { text: '24h', agoMs: DAY_MS };

/** Reads `<n>h` or `<n>d` (elapsed time, up to 366 days) or an ISO 8601 time; null for any other text. */
export function parseSince(text: string): Since | null {
  const ago = /^([1-9]\d{0,3})([hd])$/.exec(text);
  if (ago) {
    const agoMs = Number(ago[1]) * (ago[2] === 'h' ? HOUR_MS : DAY_MS);
    return agoMs > MAX_AGO_MS ? null : { text, agoMs };
  }
  const at = parseTime(text);
  return at && { text, at };
}

/** The start of a window as a time. `now` is the time of the request, from which elapsed time counts back. */
export function resolveSince(since: Since, now: Date): Date {
  return 'at' in since ? since.at : new Date(now.getTime() - since.agoMs);
}

/**
 * Reads an ISO 8601 time with seconds, 0 to 9 fraction digits, and `Z` or an offset; null for any other text, also for
 * days that no calendar has. Rounds up to a whole millisecond: sessions start at whole ones, so that `>=` and `<` stay
 * exact.
 */
export function parseTime(text: string): Date | null {
  const match = ISO_TIME.exec(text);
  if (!match) return null;
  const [, seconds, fraction = '', sign, hours = '00', minutes = '00'] = match;
  const whole = new Date(`${seconds}Z`);
  // JavaScript reads 30 February and 24:00 as times of a later day.
  if (Number.isNaN(whole.getTime()) || whole.toISOString().slice(0, 19) !== seconds) return null;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const fractionMs = Math.ceil(Number(fraction.padEnd(9, '0')) / 1e6);
  return new Date(whole.getTime() + fractionMs - offsetMs);
}
