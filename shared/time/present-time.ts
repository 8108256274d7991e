// Times as every answer and report writes them.

/** ISO 8601 UTC with `Z`; milliseconds only when they are not zero. Throws a RangeError for an invalid date. */
export function presentTime(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
