import { canonicalize } from '../../shared/audit/canonical-json.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { StatedReport } from '../../shared/reports/earlier-revisions.ts';
import {
  auditLogSection,
  leakDetectionSection,
  presentAnchors,
  presentListedEvent,
} from '../../shared/reports/log-sections.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { timeAlerts } from '../../shared/reports/time-alerts.ts';
import { LOG_STATE_WORDS, POLICY_BASIS } from '../../shared/reports/wording.ts';
import { durationOf, logRecordOf, type Session } from '../../shared/sessions/session.ts';
import { presentTime } from '../../shared/time/present-time.ts';

/**
 * Names the report's fields that differ from the stored session and its log at the report's size. Leaves out names,
 * which may change, and an end or a seal that came after the report. Leaves out reported anchors: only a walk that compares
 * them can tell. Compares sentences only in reports of the current revision.
 */
export function differingFields(report: StatedReport, session: Session, log: VerifiedLog): string[] {
  const { counts } = log;
  const section = auditLogSection(log);
  const leaks = leakDetectionSection(log);
  const { audit_log: stated } = report;
  const last = log.size === 0 ? null : log.size - 1;
  const rows: [field: string, stated: unknown, found: unknown][] = [
    ['merkle_root_hex', report.merkle_root_hex, log.rootHex],
    ['redaction_count', report.redaction_count, counts.redactionCount],
    ['redactions_by_kind', report.redactions_by_kind, new Map(counts.redactionsByKind)],
    ['redactions_by_pass', report.redactions_by_pass, new Map(counts.redactionsByPass)],
    [
      'leak_detection.rehydration_failures',
      report.leak_detection.rehydration_failures,
      leaks.rehydration_failures,
    ],
    ['leak_detection.events', report.leak_detection.events, timedAs(report, leaks.events)],
    ['events_total', report.events_total, log.size],
    ['events_listed', report.events_listed, timedAs(report, log.events.map(presentListedEvent))],
    ['completeness.other_kinds', report.completeness.other_kinds, new Map(counts.otherKinds)],
    ['completeness.policy_reloads', report.completeness.policy_reloads, log.policyReloads],
    ['completeness.entries_read', report.completeness.entries_read, log.size],
    ['completeness.entries_expected', report.completeness.entries_expected, expectedOf(report, log)],
    [
      'completeness.entries_expected_is',
      report.completeness.entries_expected_is,
      stated.state === LOG_STATE_WORDS.sealed ? 'exact' : 'at least',
    ],
    ['completeness.first_seq', report.completeness.first_seq, last === null ? null : 0],
    ['completeness.last_seq', report.completeness.last_seq, last],
    ['agent.id', report.agent.id, session.agentId],
    ['session.id', report.session.id, session.id],
    ['session.started_at', report.session.started_at, presentTime(session.startedAt)],
    ['session.upstream_model', report.session.upstream_model, session.upstreamModel],
    ['session.external_id', report.session.external_id, session.externalId ?? null],
    [
      'policy.basis',
      report.policy.basis,
      POLICY_BASIS[log.policyReloads.length > 0 ? 'reloaded' : 'throughout'],
    ],
    ['policy.sha256', report.policy.sha256, session.policySha256Hex],
    ['audit_log.anchors', stated.anchors.filter(({ size }) => size > log.size), []],
  ];
  for (const name of ['event_count', 'start_hash', 'end_hash', 'key_id', 'first_ts', 'last_ts'] as const) {
    rows.push([`audit_log.${name}`, stated[name], section[name]]);
  }
  if (report.revision === REPORT_REVISION) {
    rows.push(['leak_detection.statement', report.leak_detection.statement, leaks.statement]);
    rows.push(['time_alerts', report.time_alerts, timeAlertsThen(report, session, log)]);
  }
  if (stated.state === LOG_STATE_WORDS.sealed) rows.push(['audit_log.state', stated.state, section.state]);
  const storedRoots = stated.anchors.filter(({ source }) => source === 'stored');
  if (storedRoots.length > 0) {
    rows.push(['audit_log.anchors', storedRoots, presentAnchors(logRecordOf(session).anchors)]);
  }
  if (report.session.ended_at !== null) {
    if (stated.state === LOG_STATE_WORDS.open) rows.push(['audit_log.state', stated.state, section.state]);
    const endedAt = session.endedAt && presentTime(session.endedAt);
    rows.push(['session.ended_at', report.session.ended_at, endedAt]);
    rows.push(['session.status', report.session.status, session.status]);
    rows.push(['session.duration_ms', report.session.duration_ms, durationOf(session)]);
  }
  return rows
    .filter(([, stated, found]) => canonicalize(stated) !== canonicalize(found))
    .map(([field]) => field);
}

/** The row's size as the report could read it: a log's own where it is sealed, and never more. */
function expectedOf({ completeness, audit_log: { state } }: StatedReport, { size }: VerifiedLog): number {
  return state === LOG_STATE_WORDS.sealed ? size : Math.min(completeness.entries_expected, size);
}

/** The alerts as the report could know them: an end that came after it was none. */
function timeAlertsThen(report: StatedReport, { startedAt, endedAt }: Session, { times }: VerifiedLog) {
  const end = report.session.ended_at === null ? null : endedAt;
  return timeAlerts({ startedAt, endedAt: end }, new Date(report.generated_at), times);
}

/** Events with their times, or without them where the report's revision states none. */
function timedAs({ revision }: StatedReport, events: readonly { ts: string | null }[]): readonly object[] {
  return revision >= TIMES_SINCE ? events : events.map((event) => ({ ...event, ts: null }));
}

const TIMES_SINCE = 6;
