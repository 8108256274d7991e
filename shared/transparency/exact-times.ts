/** Whether a text is a time as `toISOString` writes it: UTC, always with milliseconds. So log entries have times. */
export function isIsoTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}

/** Whether a text is a time as reports have it: UTC, milliseconds only where they are not zero. */
export function isReportTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString().replace('.000Z', 'Z') === text;
}
