// Checks a report over many sessions against itself: what follows from its policies and from the sessions that it names.
import type { StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { type Finding, failed, verified } from './axis.ts';
import { differs, policiesOf, rebuild, statedCounts, statedSessions, withoutNames } from './rebuild-wide.ts';

/** Compares each policy's text with its digest and with what is stated of it: the whole follows from the texts. */
export function checkPolicies(report: StatedWideReport): Finding {
  const policies = policiesOf(report);
  if (typeof policies === 'string') return failed(policies);
  const rebuilt = rebuild(report, statedSessions(report), statedCounts(report), policies);
  const fields = ['policy_snapshot', 'safe_harbor_coverage', 'safe_harbor_detail', 'policies'] as const;
  const differing = fields.filter((field) => differs(report[field], rebuilt[field]));
  return differing.length === 0
    ? verified(`coverage follows from the texts of ${report.policies.length} policies`)
    : failed(`${differing.join(', ')} do not follow from the texts of the policies`);
}

/** What follows from the sessions that the report names, without any database. */
const OWN_FIELDS = [
  'merkle_root_hex',
  'sessions_total',
  'sessions_by_status',
  'redactions_by_day',
] as const satisfies readonly (keyof StatedWideReport)[];

/** Whether the report's figures follow from the sessions that it names. */
export function checkItself(report: StatedWideReport): Finding {
  const policies = policiesOf(report);
  if (typeof policies === 'string') return failed(policies);
  const rebuilt = rebuild(report, statedSessions(report), statedCounts(report), policies);
  const differing: string[] = OWN_FIELDS.filter((field) => differs(report[field], rebuilt[field]));
  const { audit_log: log, completeness, exceptions, sessions } = report;
  const figures: [field: string, stated: unknown, found: unknown][] = [
    ['redactions_by_agent', withoutNames(report), withoutNames(rebuilt)],
    ['audit_log.entries_read', log.entries_read, rebuilt.audit_log.entries_read],
    ['audit_log.states', log.states, rebuilt.audit_log.states],
    ['audit_log.verdict', log.verdict, rebuilt.audit_log.verdict],
    ['redaction_count', report.redaction_count, sum(sessions.map(({ redactions }) => redactions))],
    ['redaction_count', report.redaction_count, sum([...report.redactions_by_kind.values()])],
    [
      'completeness.counted_before',
      completeness.counted_before,
      sessions.length + exceptions.length + completeness.sessions_gone.length,
    ],
    ['completeness.sessions_walked', completeness.sessions_walked, sessions.length],
    ['completeness.sessions_failed', completeness.sessions_failed, rebuilt.completeness.sessions_failed],
    ['time_alerts.window', report.time_alerts.window, rebuilt.time_alerts.window],
    ['completeness.extent', completeness.extent, rebuilt.completeness.extent],
    [
      'completeness.sessions_not_logged',
      completeness.sessions_not_logged,
      rebuilt.completeness.sessions_not_logged,
    ],
  ];
  differing.push(...figures.filter(([, stated, found]) => differs(stated, found)).map(([field]) => field));
  if (differing.length > 0) {
    return failed(
      `it does not follow from the sessions that it names: ${[...new Set(differing)].join(', ')}`,
    );
  }
  const ids = [...sessions.map(({ id }) => id), ...exceptions.map(({ session_id: id }) => id)];
  return new Set(ids).size === ids.length ? verified('') : failed('it names a session twice');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
