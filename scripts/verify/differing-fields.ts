import { canonicalize } from '../../shared/audit/canonical-json.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import {
  auditLogSection,
  leakDetectionSection,
  presentListedEvent,
} from '../../shared/reports/log-sections.ts';
import type { Report } from '../../shared/reports/report-schema.ts';
import { LOG_STATE_WORDS, POLICY_BASIS } from '../../shared/reports/wording.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { presentTime } from '../../shared/time/present-time.ts';

/**
 * The report's fields that the stored session and its log, at the report's size, do not give. What may honestly have
 * changed since is left out: the end of the session, the seal, names.
 */
export function differingFields(report: Report, session: Session, log: VerifiedLog): string[] {
  const { counts } = log;
  const section = auditLogSection(session, log);
  const last = log.size === 0 ? null : log.size - 1;
  const rows: [field: string, stated: unknown, found: unknown][] = [
    ['merkle_root_hex', report.merkle_root_hex, log.rootHex],
    ['redaction_count', report.redaction_count, counts.redactionCount],
    ['redactions_by_kind', report.redactions_by_kind, new Map(counts.redactionsByKind)],
    ['redactions_by_pass', report.redactions_by_pass, new Map(counts.redactionsByPass)],
    ['leak_detection', report.leak_detection, leakDetectionSection(log)],
    ['events_total', report.events_total, log.size],
    ['events_listed', report.events_listed, log.events.map(presentListedEvent)],
    ['completeness.other_kinds', report.completeness.other_kinds, new Map(counts.otherKinds)],
    ['completeness.policy_reloads', report.completeness.policy_reloads, log.policyReloads],
    ['completeness.entries_read', report.completeness.entries_read, log.size],
    ['completeness.first_seq', report.completeness.first_seq, last === null ? null : 0],
    ['completeness.last_seq', report.completeness.last_seq, last],
    ['agent.id', report.agent.id, session.agentId],
    ['session.id', report.session.id, session.id],
    ['session.started_at', report.session.started_at, presentTime(session.startedAt)],
    ['session.upstream_model', report.session.upstream_model, session.upstreamModel],
    [
      'policy.basis',
      report.policy.basis,
      POLICY_BASIS[log.policyReloads.length > 0 ? 'reloaded' : 'throughout'],
    ],
    ['policy.sha256', report.policy.sha256, session.policySha256Hex],
  ];
  for (const name of ['event_count', 'start_hash', 'end_hash', 'key_id', 'first_ts', 'last_ts'] as const) {
    rows.push([`audit_log.${name}`, report.audit_log[name], section[name]]);
  }
  if (report.audit_log.state === LOG_STATE_WORDS.sealed)
    rows.push(['audit_log.state', report.audit_log.state, section.state]);
  if (report.audit_log.sealed_root_hex !== null) {
    rows.push(['audit_log.sealed_root_hex', report.audit_log.sealed_root_hex, section.sealed_root_hex]);
    rows.push(['audit_log.sealed_root_size', report.audit_log.sealed_root_size, section.sealed_root_size]);
  }
  if (report.session.ended_at !== null) {
    const endedAt = session.endedAt && presentTime(session.endedAt);
    rows.push(['session.ended_at', report.session.ended_at, endedAt]);
    rows.push(['session.status', report.session.status, session.status]);
    rows.push(['session.duration_ms', report.session.duration_ms, session.durationMs]);
  }
  return rows
    .filter(([, stated, found]) => canonicalize(stated) !== canonicalize(found))
    .map(([field]) => field);
}
