import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, factTable, nameList, number, sentence, status } from '../../markup/parts.ts';
import type { Alert } from '../alerts.ts';
import { alertList, tile } from '../executive-summary.ts';
import type { Section, Source } from '../section.ts';
import { sessionsOf, verdictOf, windowOf } from './words.ts';

export const wideSummary: Section<WideReport> = {
  title: 'Executive summary',
  name: 'executive-summary',
  body,
};

/** Names in an alert; the section has more. */
const NAMES_IN_ALERT = 8;

function body({ report }: Source<WideReport>): Html {
  const { identifiers, caveat, basis } = report.safe_harbor_detail;
  const applicable = identifiers.filter((identifier) => identifier.applicable);
  const withStatus = (wanted: string) =>
    applicable.filter((identifier) => identifier.status === wanted).length;
  const { words, tone } = verdictOf(report);
  const { ok, error, partial } = report.sessions_by_status;
  const { states } = report.audit_log;
  const alerts = alertsOf(report);
  return html`<div class="tiles">
${tile(number(report.sessions_total), `verified ${report.sessions_total === 1 ? 'session' : 'sessions'}`)}
${tile(number(report.redaction_count), report.redaction_count === 1 ? 'redaction' : 'redactions')}
${tile(`${withStatus('full')} of ${applicable.length}`, 'applicable identifiers fully covered')}
${tile(number(report.exceptions.length), report.exceptions.length === 1 ? 'exception' : 'exceptions')}
</div>
${factTable('Figures', [
  ['Window', windowOf(report)],
  ['Sessions', sessionsOf(report)],
  ['Audit logs', status(`${words}.`, tone)],
  ['Sessions by status', `${number(ok)} ok, ${number(error)} error, ${number(partial)} partial`],
  [
    'Logs by state',
    `${number(states.sealed)} sealed, ${number(states.unsealed)} unsealed, ${number(states.open)} open`,
  ],
  ['Entries read', number(report.audit_log.entries_read)],
  ['Redactions', `${number(report.redaction_count)}, of ${counted(report.redactions_by_kind.size, 'kind')}`],
  [
    'Safe Harbor coverage',
    `${withStatus('full')} full, ${withStatus('partial')} partial, ${withStatus('none')} none, of ` +
      `${applicable.length} applicable identifiers; ${identifiers.length - applicable.length} not applicable`,
  ],
  ['Computed from', sentence(basis)],
  ['Agents', number(report.redactions_by_agent.length)],
  ['Policies in force', number(report.policies.length)],
  ['Rehydration failures', number(report.leak_detection.rehydration_failures)],
])}<p class="caveat">${caveat}</p>
<h3>Alerts</h3>
${alerts.length === 0 ? html`<p>None. This report looks for: ${CONDITIONS}.</p>` : alertList(alerts)}
`;
}

/** The conditions that make no alert, in words. */
const CONDITIONS =
  'a verified and sealed log of every session, no session that was deleted meanwhile, no rehydration failure, no reload ' +
  'of a policy, times that fit together, no kind that passes through unmasked, redaction events and payloads both ' +
  'logged, all kinds known to the catalogue';

function alertsOf(report: WideReport): Alert[] {
  const found = [...logAlerts(report), ...contentAlerts(report), ...policyAlerts(report)];
  return found.filter(([count]) => count > 0).map(([, alert]) => alert);
}

type Counted = readonly [count: number, alert: Alert];

function logAlerts({ completeness, audit_log: log }: WideReport): Counted[] {
  const { sessions_failed: failed, sessions_unverifiable: unverifiable } = completeness;
  const gone = completeness.sessions_gone.length;
  const { unsealed, open } = log.states;
  return [
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
        detail: html`For want of an audit key. Named among the exceptions, and counted nowhere else.`,
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
