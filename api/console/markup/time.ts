import { isTime } from '../../../shared/time/is-time.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { zonedFormat } from './zoned-format.ts';

const formatIn = zonedFormat({ dateStyle: 'medium', timeStyle: 'medium' });

/** A time for a reader in a zone, with the exact time in UTC for programs and as its hint. */
export function time(at: Date | string, timeZone: string): Html {
  const date = new Date(at);
  const exact = presentTime(date);
  return html`<time datetime="${exact}" title="${exact}">${formatTime(date, timeZone)}</time>`;
}

/** As `time`, of a row that may hold anything. */
export function storedTime(stored: unknown, timeZone: string): HtmlValue {
  return isTime(stored) ? time(stored, timeZone) : 'cannot be read';
}

/** As `time`, to the millisecond: for entries, of which many fall into one second. */
export function exactTime(at: string, timeZone: string): Html {
  const date = new Date(at);
  const ms = String(date.getUTCMilliseconds()).padStart(3, '0');
  return html`<time datetime="${at}" title="${at}">${formatTime(date, timeZone)}.${ms}</time>`;
}

/** Such as `14 Sep 2026, 09:05:12`. */
export function formatTime(date: Date, timeZone: string): string {
  return formatIn(timeZone).format(date);
}

/** Such as `820 ms`, `4.2 s`, `3 min 12 s`, `2 h 05 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')} min`;
}
