// The two forms in which callers give a time: how long ago, or an ISO 8601 time.
import { DAY_MS, HOUR_MS } from './durations.ts';
import { parseTime, type TimeFault } from './parse-time.ts';

/** The start of a window. A cursor holds the text as it was given: equal texts mean the same window. */
export type Since = Readonly<{ text: string; agoMs: number } | { text: string; at: Date }>;

const MAX_AGO_MS = 366 * DAY_MS;

/** The start of a window, or what is wrong with the text as a time. */
export type ParsedSince = Readonly<{ ok: true; since: Since }> | Readonly<{ ok: false; fault: TimeFault }>;

/** The start of a window when the caller gives none: 24 hours ago. */
export const DEFAULT_SINCE: Since = { text: '24h', agoMs: DAY_MS };

/** Reads `<n>h` or `<n>d` (elapsed time, up to 366 days) or a time as `parseTime` does. */
export function parseSince(text: string): ParsedSince {
  const ago = /^([1-9]\d{0,3})([hd])$/.exec(text);
  if (ago) {
    const agoMs = Number(ago[1]) * (ago[2] === 'h' ? HOUR_MS : DAY_MS);
    return agoMs > MAX_AGO_MS ? { ok: false, fault: 'form' } : { ok: true, since: { text, agoMs } };
  }
  const parsed = parseTime(text);
  return parsed.ok ? { ok: true, since: { text, at: parsed.time } } : parsed;
}

/** The start of a window as a time. `now` is the time of the request, from which elapsed time counts back. */
export function resolveSince(since: Since, now: Date): Date {
  return 'at' in since ? since.at : new Date(now.getTime() - since.agoMs);
}
