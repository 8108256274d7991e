// The reader's time zone: the browser states it in a cookie, since no header does. Without scripts it is UTC.
import type { ApiContext } from '../../http/context.ts';

/** Written by assets/console.js. */
const COOKIE = 'masker_tz';

/** An IANA time zone that this process knows; UTC where the browser stated none. */
export function timeZoneOf(ctx: Pick<ApiContext, 'cookies'>): string {
  const stated = decode(ctx.cookies.get(COOKIE) ?? '');
  return isTimeZone(stated) ? stated : 'UTC';
}

function isTimeZone(text: string): boolean {
  // Intl takes offsets such as `+02:00` as well, which have no name in a report.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
