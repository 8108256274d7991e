// The reader's time zone: the browser states it in a cookie, since no header does. Without scripts it is UTC.
import { isTimeZone } from '../../../shared/time/local-buckets.ts';
import type { ApiContext } from '../../http/context.ts';

/** Written by assets/console.js. */
const COOKIE = 'masker_tz';
/** No name of a zone is longer; formats are kept by it. */
const LONGEST = 64;

/** An IANA time zone that this process knows; UTC where the browser stated none. */
export function timeZoneOf(ctx: Pick<ApiContext, 'cookies'>): string {
  const stated = decode(ctx.cookies.get(COOKIE) ?? '');
  return stated.length <= LONGEST && isTimeZone(stated) ? stated : 'UTC';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
