// Times whose text says one moment in one spelling, in the years 0000 to 9999. `Date` knows more years, which it writes with
// six digits and a sign, and which no other verifier reads.

/** Whether a text is a time as `toISOString` writes it: UTC, always with milliseconds. So log entries have times. */
export function isIsoTime(text: string): boolean {
  return isExact(text, (written) => written);
}

/** Whether a text is a time as reports have it: UTC, milliseconds only where they are not zero. */
export function isReportTime(text: string): boolean {
  return isExact(text, (written) => written.replace('.000Z', 'Z'));
}

function isExact(text: string, spell: (written: string) => string): boolean {
  const time = new Date(text);
  return FOUR_DIGITS.test(text) && !Number.isNaN(time.getTime()) && spell(time.toISOString()) === text;
}

const FOUR_DIGITS = /^\d{4}-/;
