// What a bucket of time is called, by the reader's clocks.
import type { Bucket } from '../../../shared/time/local-buckets.ts';
import { zonedFormat } from '../markup/zoned-format.ts';

/** How long a bucket is: an hour or a day of the reader's, or a `moment` of a session. */
export type ChartUnit = Bucket | 'moment';

export type ChartBucket = Readonly<{ start: Date; end: Date }>;

/** Beside an axis. */
const SHORT = {
  hour: zonedFormat({ hour: '2-digit', minute: '2-digit' }),
  day: zonedFormat({ day: 'numeric', month: 'short' }),
  moment: zonedFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 }),
} as const;

const DATE = { day: 'numeric', month: 'short', year: 'numeric' } as const;
/** In full. The offset tells the two hours of one name apart, where clocks go back. */
const FULL = {
  hour: zonedFormat({ ...DATE, hour: '2-digit', minute: '2-digit', timeZoneName: 'shortOffset' }),
  day: zonedFormat({ ...DATE, weekday: 'short' }),
  moment: zonedFormat({
    ...DATE,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  }),
} as const;

/** Such as `14 Sep`, `09:00`. */
export function shortLabel({ start }: ChartBucket, bucket: ChartUnit, timeZone: string): string {
  return SHORT[bucket](timeZone).format(start);
}

/** Such as `Mon, 14 Sept 2026`, `14 Sept 2026, 09:00 GMT-4`. */
export function fullLabel({ start }: ChartBucket, bucket: ChartUnit, timeZone: string): string {
  return FULL[bucket](timeZone).format(start);
}
