// Formats of times for readers in many zones: making one takes longer than all that it formats on a page.

/** Zones of which a format is kept: readers state their zone, in any case, so nothing else bounds them. */
const KEPT = 256;

/** Gives the format with these options for a zone. */
export function zonedFormat(options: Intl.DateTimeFormatOptions): (timeZone: string) => Intl.DateTimeFormat {
  const kept = new Map<string, Intl.DateTimeFormat>();
  return (timeZone) => {
    const format = kept.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    if (kept.size >= KEPT) kept.clear();
    kept.set(timeZone, format);
    return format;
  };
}
