// Times in rows that anybody may have written.
/** Whether a value of a row is a time. The database holds dates that no calendar has, too. */
export function isTime(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
