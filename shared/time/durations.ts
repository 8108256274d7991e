/** Milliseconds of a minute, as all of these of elapsed time: no leap seconds. */
export const MINUTE_MS = 60_000;
/** Milliseconds of an hour. */
export const HOUR_MS = 60 * MINUTE_MS;
/** Milliseconds of 24 hours. */
export const DAY_MS = 24 * HOUR_MS;
