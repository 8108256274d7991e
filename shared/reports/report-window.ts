// The window of a report over many sessions, as callers and operators ask for it: a calendar period in a zone, or two
// times.
import { DAY_MS } from '../time/durations.ts';
import { isTimeZone, localDay, parsePeriod } from '../time/local-buckets.ts';
import { resolveSince, type Since } from '../time/time-window.ts';
import type { ReportWindow } from './subject.ts';
import { WINDOW_DAYS_LIMIT } from './window-report.ts';

/** What was asked for; undefined where it was left out. */
export type WindowQuery = Readonly<{
  since?: Since | undefined;
  until?: Date | undefined;
  period?: string | undefined;
  tz?: string | undefined;
}>;

/** The window, or which parameter is at fault and what to give instead: safe to show. */
export type ResolvedWindow =
  | Readonly<{ ok: true; window: ReportWindow }>
  | Readonly<{ ok: false; param: 'since' | 'until' | 'period' | 'tz'; problem: string }>;

/** The start of a window when none is asked for: 30 days ago. */
const DEFAULT_REPORT_SINCE: Since = { text: '30d', agoMs: 30 * DAY_MS };

/** Resolves what was asked for at a time. Pure. */
export function resolveReportWindow(query: WindowQuery, now: Date): ResolvedWindow {
  const { since, until, period, tz = 'UTC' } = query;
  if (!isTimeZone(tz)) {
    return fault(
      'tz',
      'takes a time zone of the IANA database such as America/New_York; an offset such as +05:30 is not one',
    );
  }
  if (period === undefined) {
    const from = resolveSince(since ?? DEFAULT_REPORT_SINCE, now);
    if (from > now) return fault('since', 'lies in the future: give the start of a window that has begun');
    return checkWindow({ since: from, until: until ?? now, tz, period: null });
  }
  if (since !== undefined || until !== undefined) {
    return fault('period', 'is given beside since or until: give a period with tz, or two times, not both');
  }
  const found = parsePeriod(period, tz);
  if (!found) {
    return fault('period', 'takes a year, a quarter, a month or a day: 2026, 2026-Q3, 2026-09 or 2026-09-14');
  }
  if (found.since > now) return fault('period', 'lies in the future: ask for one that has begun');
  return checkWindow({ ...found, tz, period });
}

/** As a sentence, why nobody can have asked for a window at a time; null where somebody can. Pure. */
export function oddWindow({ since, until, tz, period }: ReportWindow, at: Date): string | null {
  const asked =
    period === null ? { since: { text: since.toISOString(), at: since }, until, tz } : { period, tz };
  // Not at that time alone: earlier releases took windows to come, and the API's clock, by which a window has begun, may be
  // ahead of the worker's that made the report.
  const latest = new Date(Math.max(at.getTime(), since.getTime()));
  const resolved = resolveReportWindow(asked, latest);
  if (!resolved.ok) return `no report has its window: ${resolved.problem.replace(/\.$/, '')}`;
  const isStated = +resolved.window.since === +since && +resolved.window.until === +until;
  return isStated ? null : `its window is not ${period} in ${tz}`;
}

/** Whether a window ends before it begins. One that ends as it begins is a window: its report has no session. Pure. */
export function isBackwards({ since, until }: Pick<ReportWindow, 'since' | 'until'>): boolean {
  return since > until;
}

function checkWindow(window: ReportWindow): ResolvedWindow {
  const { since, until, tz } = window;
  if (isBackwards(window)) return fault('until', 'is before since: give a later time');
  if (until.getTime() - since.getTime() > WINDOW_DAYS_LIMIT * DAY_MS) {
    return fault('since', `begins a window of more than ${WINDOW_DAYS_LIMIT} days: ask for a year at most`);
  }
  if (!hasWritableDay(since, tz)) return fault('since', beyondYears(tz, 'later'));
  if (!hasWritableDay(until, tz)) return fault('until', beyondYears(tz, 'earlier'));
  return { ok: true, window };
}

/** Whether a report can write the day of a time: clocks may show another year than UTC, and years have four digits. */
function hasWritableDay(time: Date, timeZone: string): boolean {
  return /^\d{4}-/.test(localDay(time, timeZone));
}

function beyondYears(tz: string, remedy: string): string {
  return `is outside the years 0000 to 9999 by the clocks of ${tz}: give a ${remedy} time, or another tz`;
}

function fault(param: 'since' | 'until' | 'period' | 'tz', problem: string): ResolvedWindow {
  return { ok: false, param, problem: `${param} ${problem}.` };
}
