// What a bucket of time is called, by the reader's clocks.
import type { Bucket } from '../../../shared/time/local-buckets.ts';

export type ChartBucket = Readonly<{ start: Date; end: Date }>;

const OPTIONS = {
  /** Beside an axis. */
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  /** In full. The offset tells the two hours of one name apart, where clocks go back. */
  fullHour: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'shortOffset',
  },
  fullDay: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Such as `14 Sep`, `09:00`. */
export function shortLabel({ start }: ChartBucket, bucket: Bucket, timeZone: string): string {
  return formatOf(bucket, timeZone).format(start);
}

/** Such as `Mon 14 Sep 2026`, `14 Sep 2026, 09:00 GMT-4`. */
export function fullLabel({ start }: ChartBucket, bucket: Bucket, timeZone: string): string {
  return formatOf(bucket === 'hour' ? 'fullHour' : 'fullDay', timeZone).format(start);
}

function formatOf(name: keyof typeof OPTIONS, timeZone: string): Intl.DateTimeFormat {
  const key = `${name} ${timeZone}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...OPTIONS[name], timeZone });
  // The browser names the zone: the number of zones that exist bounds this.
  formats.set(key, format);
  return format;
}
