// The alerts, which a reader has to know first. Each follows from fields of the report; none adds a judgement.
import type { Report } from '../../../../shared/reports/report-schema.ts';
import { LOG_STATE_WORDS, type TimeAlertCode } from '../../../../shared/reports/wording.ts';
import { type Html, html } from '../markup/html.ts';
import { counted, duration, nameList, number, time } from '../markup/parts.ts';

/** Names in an alert; the section has more. */
const NAMES_IN_ALERT = 12;

export type Alert = Readonly<{ what: string; detail: Html }>;

export function alertsOf(report: Report): Alert[] {
  return [...leakAlerts(report), ...logAlerts(report), ...timeAlerts(report), ...policyAlerts(report)];
}

/** The conditions that make no alert, in words: printed where all of them hold. */
export const CONDITIONS =
  'no rehydration failure, a sealed log, no reload of the policy, an end after the start, entries dated in their order ' +
  'and within an hour of the session, no time after this report, no kind that passes through unmasked, redaction events and payloads both ' +
  'logged, all kinds known to the catalogue';

function leakAlerts({ leak_detection: { rehydration_failures: failures, statement } }: Report): Alert[] {
  if (failures === 0) return [];
  return [{ what: counted(failures, 'rehydration failure'), detail: html`${statement}` }];
}

function logAlerts({ audit_log: log, completeness }: Report): Alert[] {
  const alerts: Alert[] = [];
  if (log.state === LOG_STATE_WORDS.open) {
    alerts.push({ what: 'Log still open', detail: html`The log has no seal yet, and may grow.` });
  } else if (log.state === LOG_STATE_WORDS.unsealed) {
    const detail = html`The session has ended and its log has no seal: the tail may have been cut.`;
    alerts.push({ what: 'Log unsealed', detail });
  }
  const reloads = completeness.other_kinds.get('policy_reloaded') ?? completeness.policy_reloads.length;
  if (reloads > 0) {
    const detail = html`What is said of the policy holds for the session's start alone.`;
    alerts.push({ what: `Policy reloaded ${counted(reloads, 'time')}`, detail });
  }
  return alerts;
}

const TIME_ALERTS: Readonly<Record<TimeAlertCode, string>> = {
  ended_before_started: 'End before the start',
  times_go_back: 'Times that go back',
  entry_before_session: 'Entry before the session',
  entry_after_session: 'Entry after the session',
  starts_after_report: 'Start after this report',
  ends_after_report: 'End after this report',
  entry_after_report: 'Entry after this report',
};

function timeAlerts({ time_alerts: alerts }: Report): Alert[] {
  return alerts.map((alert) => ({
    what: TIME_ALERTS[alert.code],
    detail: html`${alert.statement}${placeOf(alert)}`,
  }));
}

function placeOf({ entries, seq, ts, by_ms: ms }: Report['time_alerts'][number]): Html {
  const where = entries === null ? 'Entry' : `${counted(entries, 'entry', 'entries')}, the first`;
  const place = seq === null ? '' : html` ${where} at sequence ${number(seq)}.`;
  const date = ts === null ? '' : html` Dated ${time(ts)}.`;
  return html`${place}${date} By ${entries === null ? '' : 'at most '}${duration(ms)}.`;
}

function policyAlerts({ policy, safe_harbor_detail: detail }: Report): Alert[] {
  const alerts: Alert[] = [];
  const { passthrough_kinds: passthrough } = policy;
  const unmapped = detail.unmapped_logged_kinds;
  if (passthrough.length > 0) {
    alerts.push({
      what: `${counted(passthrough.length, 'kind')} not masked`,
      detail: html`The policy passes through to the model: ${nameList(passthrough, NAMES_IN_ALERT)}.`,
    });
  }
  if (!policy.logs_events || !policy.logs_payloads) {
    alerts.push({ what: 'Logging incomplete', detail: html`${policy.logging}` });
  }
  if (unmapped.length > 0) {
    alerts.push({
      what: `${counted(unmapped.length, 'kind')} not in the catalogue`,
      detail: html`Redactions of them are counted under no identifier: ${nameList(unmapped, NAMES_IN_ALERT)}.`,
    });
  }
  return alerts;
}
