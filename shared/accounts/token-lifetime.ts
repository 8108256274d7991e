// For how long a bearer token works, as the command, the API and the console take it.
import { DAY_MS, HOUR_MS } from '../time/durations.ts';

/** Days at most. */
export const LONGEST_TOKEN_DAYS = 366;
/** The lifetime of a token that is made without one. */
export const DEFAULT_TOKEN_LIFETIME = '90d';

/** Milliseconds of `<n>h` or `<n>d`; null for another text, and for more than `LONGEST_TOKEN_DAYS`. */
export function parseTokenLifetime(text: string): number | null {
  const [, count, unit] = /^([1-9]\d{0,3})([hd])$/.exec(text) ?? [];
  const lifetimeMs = Number(count) * (unit === 'h' ? HOUR_MS : DAY_MS);
  return lifetimeMs <= LONGEST_TOKEN_DAYS * DAY_MS ? lifetimeMs : null;
}
