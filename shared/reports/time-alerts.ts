import type { DatedEntry, EntryTimes } from '../audit/entry-times.ts';
import type { Session } from '../sessions/session.ts';
import { HOUR_MS } from '../time/durations.ts';
import { presentTime } from '../time/present-time.ts';
import type { Report } from './report-schema.ts';
import { TIME_ALERT_STATEMENT, type TimeAlertCode } from './wording.ts';

type TimeAlert = Report['time_alerts'][number];

/** How far from its session an entry may be dated, and after the report any time: clocks differ, and some events come late. */
const TOLERANCE_MS = HOUR_MS;

/**
 * `time_alerts`: times that do not fit together, in the order of `TIME_ALERT_STATEMENT`; none blocks a report, since the
 * order of a log is `seq` and never the clock. An open session counts as going on until the report is made.
 */
export function timeAlerts(
  { startedAt, endedAt }: Pick<Session, 'startedAt' | 'endedAt'>,
  generatedAt: Date,
  { earliest, latest, stepsBack, firstStepBack, largestStepBackMs }: EntryTimes,
): TimeAlert[] {
  const alerts: TimeAlert[] = [];
  const startMs = startedAt.getTime();
  const endMs = (endedAt ?? generatedAt).getTime();
  if (endedAt && endMs < startMs) {
    alerts.push(
      alert('ended_before_started', { entries: null, seq: null, ts: null, by_ms: startMs - endMs }),
    );
  }
  if (stepsBack > 0) {
    const found = { entries: stepsBack, seq: firstStepBack, ts: null, by_ms: largestStepBackMs };
    alerts.push(alert('times_go_back', found));
  }
  const before = earliest && outside(earliest, (ms) => Math.min(startMs, endMs) - ms);
  if (before) alerts.push(alert('entry_before_session', before));
  const after = latest && outside(latest, (ms) => ms - Math.max(startMs, endMs));
  if (after) alerts.push(alert('entry_after_session', after));
  const startAhead = ahead(startedAt, generatedAt);
  if (startAhead) alerts.push(alert('starts_after_report', startAhead));
  const endAhead = endedAt && ahead(endedAt, generatedAt);
  if (endAhead) alerts.push(alert('ends_after_report', endAhead));
  const entryAhead = latest && outside(latest, (ms) => ms - generatedAt.getTime());
  if (entryAhead) alerts.push(alert('entry_after_report', entryAhead));
  return alerts;
}

/** How far a session's time is after the report; null for one that is not, or by less than clocks differ. */
function ahead(time: Date, generatedAt: Date): Place | null {
  const distanceMs = time.getTime() - generatedAt.getTime();
  return distanceMs <= TOLERANCE_MS ? null : { entries: null, seq: null, ts: null, by_ms: distanceMs };
}

/** The place of an entry that is dated too far outside its session; null for any other. */
function outside({ seq, ts }: DatedEntry, distanceOf: (ms: number) => number): Place | null {
  const time = new Date(ts);
  const distanceMs = distanceOf(time.getTime());
  if (distanceMs <= TOLERANCE_MS) return null;
  return { entries: null, seq, ts: presentTime(time), by_ms: distanceMs };
}

type Place = Omit<TimeAlert, 'code' | 'statement'>;

function alert(code: TimeAlertCode, place: Place): TimeAlert {
  return { code, ...place, statement: TIME_ALERT_STATEMENT[code] };
}
