// Times as every answer and report writes them.
import { isTime } from './is-time.ts';

/** ISO 8601 UTC with `Z`; milliseconds only when they are not zero. Throws a RangeError for an invalid date. */
export function presentTime(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}

/** As `presentTime`; null for anything else than a date, since a row may hold anything. */
export function presentStoredTime(stored: unknown): string | null {
  return isTime(stored) ? presentTime(stored) : null;
}
