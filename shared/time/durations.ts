/** Milliseconds of a second. The constants of this file measure elapsed time, without leap seconds. */
export const SECOND_MS = 1_000;
/** Milliseconds of a minute. */
export const MINUTE_MS = 60 * SECOND_MS;
/** Milliseconds of an hour. */
export const HOUR_MS = 60 * MINUTE_MS;
/** Milliseconds of 24 hours, whatever the calendar day. */
export const DAY_MS = 24 * HOUR_MS;
