import type { DatedEntry, EntryTimes } from '../audit/entry-times.ts';
import type { Session } from '../sessions/session.ts';
import { HOUR_MS } from '../time/durations.ts';
import { presentTime } from '../time/present-time.ts';
import type { Report } from './report-schema.ts';
import { TIME_ALERT_STATEMENT, type TimeAlertCode } from './wording.ts';

type TimeAlert = Report['time_alerts'][number];

/** How far from its session an entry may be dated without an alert: clocks differ, and some events come late. */
const TOLERANCE_MS = HOUR_MS;

/**
 * `time_alerts`: times that do not fit together, in the order of `TIME_ALERT_STATEMENT`; none blocks a report, since the
 * order of a log is `seq` and never the clock. An open session counts as going on until the report is made.
 */
export function timeAlerts(
  { startedAt, endedAt }: Pick<Session, 'startedAt' | 'endedAt'>,
  generatedAt: Date,
  { earliest, latest, stepsBack, firstStepBack }: EntryTimes,
): TimeAlert[] {
  const alerts: TimeAlert[] = [];
  const bounds = [startedAt.getTime(), (endedAt ?? generatedAt).getTime()];
  if (endedAt && endedAt < startedAt) alerts.push(alert('ended_before_started'));
  if (stepsBack > 0) alerts.push({ ...alert('times_go_back'), entries: stepsBack, seq: firstStepBack });
  if (earliest && Date.parse(earliest.ts) < Math.min(...bounds) - TOLERANCE_MS) {
    alerts.push(alert('entry_before_session', earliest));
  }
  if (latest && Date.parse(latest.ts) > Math.max(...bounds) + TOLERANCE_MS) {
    alerts.push(alert('entry_after_session', latest));
  }
  return alerts;
}

function alert(code: TimeAlertCode, entry?: DatedEntry): TimeAlert {
  const statement = TIME_ALERT_STATEMENT[code];
  const ts = entry ? presentTime(new Date(entry.ts)) : null;
  return { code, entries: null, seq: entry?.seq ?? null, ts, statement };
}
