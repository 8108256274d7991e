// What is said of a window in several places.
import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { WINDOW_EXTENT } from '../../../../../shared/reports/wording.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, number, time } from '../../markup/parts.ts';

/** The verdict on the window's logs in words, and how good it is. */
export function verdictOf(report: WideReport): Readonly<{ words: string; tone: 'good' | 'fair' | 'bad' }> {
  const { completeness, audit_log: log } = report;
  const total = number(completeness.counted_before);
  const gone = completeness.sessions_gone.length;
  const missing = completeness.sessions_missing.length;
  const wrong = [
    ...(completeness.sessions_failed > 0
      ? [`${number(completeness.sessions_failed)} of ${total} logs failed verification`]
      : []),
    ...(completeness.sessions_unverifiable > 0
      ? [`${number(completeness.sessions_unverifiable)} of ${total} could not be checked`]
      : []),
    ...(gone > 0 ? [`${counted(gone, 'session')} deleted while this report was made`] : []),
    ...(missing > 0 ? [`${counted(missing, 'session')} of the account log missing`] : []),
  ];
  const { unsealed, open } = log.states;
  const isOver = report.time_alerts.window.length === 0;
  const states = [
    ...(isOver ? [] : ['the window was not over']),
    ...(unsealed > 0 ? [`${number(unsealed)} unsealed: their tails may have been cut`] : []),
    ...(open > 0 ? [`${number(open)} open`] : []),
  ];
  if (wrong.length > 0) {
    const tone = completeness.sessions_failed > 0 ? 'bad' : 'fair';
    return { words: [...wrong, ...states].join('; '), tone };
  }
  const all = allOf(log.sessions_walked);
  if (states.length > 0) {
    return {
      words: [all, ...states].join('; '),
      tone: isOver && unsealed === 0 ? 'good' : 'fair',
    };
  }
  return { words: log.sessions_walked === 0 ? all : `${all}, sealed`, tone: 'good' };
}

function allOf(walked: number): string {
  if (walked === 0) return 'The window holds no session';
  return walked === 1 ? 'The one log verified' : `All ${number(walked)} logs verified`;
}

/** Code points of a name in a table of many rows; the attached JSON has the whole name. */
export const ROW_NAME_LIMIT = 60;

/** A time to the minute, which fits in a row; UTC, as the table's column says. */
export function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** The verified sessions, and of how many. */
export function sessionsOf({ completeness, sessions_total: verified }: WideReport): string {
  const { counted_before: all } = completeness;
  return verified === all
    ? number(verified)
    : `${number(verified)} verified, of ${number(all)} in the window`;
}

/** Why a window has no verified session: it holds none, or the log of none is verified. */
export function whyNone({ completeness: { counted_before: all, extent } }: WideReport): string {
  return all === 0
    ? `The window holds no session${extent === WINDOW_EXTENT.over ? '' : ' so far'}.`
    : `None of the window's ${counted(all, 'session')} is verified.`;
}

/** The window, its zone, and the period that was asked for. */
export function windowOf({ window: { since, until, tz, period } }: WideReport): Html {
  const named = period === null ? '' : html`${period}: `;
  return html`${named}${time(since)} to ${time(until)}, by the start of sessions; days by the clocks of ${tz}`;
}
