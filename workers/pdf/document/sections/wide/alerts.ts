// The alerts of a report over many sessions. Each follows from fields of the report; none adds a judgement.
import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { html } from '../../markup/html.ts';
import { counted, nameList } from '../../markup/parts.ts';
import type { Alert } from '../alerts.ts';

/** Names in an alert; the section has more. */
const NAMES_IN_ALERT = 8;

/** The conditions that make no alert, in words. */
export const WIDE_CONDITIONS =
  'a window that was over, a verified and sealed log of every session, no session that was deleted meanwhile, no rehydration failure, no reload ' +
  'of a policy, times that fit together, no kind that passes through unmasked, redaction events and payloads both ' +
  'logged, all kinds known to the catalogue';

export function wideAlertsOf(report: WideReport): Alert[] {
  const found = [...logAlerts(report), ...contentAlerts(report), ...policyAlerts(report)];
  return found.filter(([count]) => count > 0).map(([, alert]) => alert);
}

type Counted = readonly [count: number, alert: Alert];

function logAlerts({ completeness, audit_log: log, time_alerts: times }: WideReport): Counted[] {
  const { sessions_failed: failed, sessions_unverifiable: unverifiable } = completeness;
  const gone = completeness.sessions_gone.length;
  const missing = completeness.sessions_missing.length;
  const { unsealed, open } = log.states;
  return [
    [times.window.length, { what: 'Window not over', detail: html`${completeness.extent}` }],
    [
      failed,
      {
        what: `${counted(failed, 'log')} failed`,
        detail: html`Named among the exceptions, and counted nowhere else.`,
      },
    ],
    [
      unverifiable,
      {
        what: `${counted(unverifiable, 'log')} not checked`,
        detail: html`For want of an audit key, or of a row that is as a writer stored it. Named among the exceptions, and counted nowhere else.`,
      },
    ],
    [
      gone,
      {
        what: `${counted(gone, 'session')} deleted`,
        detail: html`Counted before the walk, and gone when it came to them.`,
      },
    ],
    [
      missing,
      {
        what: `${counted(missing, 'session')} missing`,
        detail: html`Closed in this window by the account log, and not stored in it any more. Named in "Account log".`,
      },
    ],
    [
      unsealed,
      {
        what: `${counted(unsealed, 'log')} unsealed`,
        detail: html`After the session's end, without a seal: the tail may have been cut.`,
      },
    ],
    [
      open,
      {
        what: `${counted(open, 'log')} still open`,
        detail: html`Walked to the last entry that was there; more may come.`,
      },
    ],
  ];
}

function contentAlerts({ completeness, leak_detection: leaks, time_alerts: times }: WideReport): Counted[] {
  const { rehydration_failures: failures, statement } = leaks;
  const reloaded = completeness.sessions_reloaded;
  return [
    [failures, { what: counted(failures, 'rehydration failure'), detail: html`${statement}` }],
    [
      reloaded,
      {
        what: `Policy reloaded in ${counted(reloaded, 'session')}`,
        detail: html`What is said of the policy holds for their start alone.`,
      },
    ],
    [
      times.sessions,
      {
        what: `${counted(times.sessions, 'session')} with odd times`,
        detail: html`Times that do not fit together: the report on each session has them.`,
      },
    ],
  ];
}

function policyAlerts({ policies, safe_harbor_detail: detail }: WideReport): Counted[] {
  const passthrough = [...new Set(policies.flatMap((policy) => policy.passthrough_kinds))].sort();
  const incomplete = policies.filter((policy) => !policy.logs_events || !policy.logs_payloads);
  const { unmapped_logged_kinds: unmapped } = detail;
  return [
    [
      passthrough.length,
      {
        what: `${counted(passthrough.length, 'kind')} not masked`,
        detail: html`Policies pass through to the model: ${nameList(passthrough, NAMES_IN_ALERT)}.`,
      },
    ],
    [
      incomplete.length,
      {
        what: 'Logging incomplete',
        detail: html`By ${counted(incomplete.length, 'policy', 'policies')} in force: a part is not in the record.`,
      },
    ],
    [
      unmapped.length,
      {
        what: `${counted(unmapped.length, 'kind')} not in the catalogue`,
        detail: html`Redactions of them are counted under no identifier: ${nameList(unmapped, NAMES_IN_ALERT)}.`,
      },
    ],
  ];
}
