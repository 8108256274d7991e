// The report object, a pure function of its facts. It never states more than the log shows.
import { canonicalize } from '../audit/canonical-json.ts';
import type { Coverage } from '../policy/assess-coverage.ts';
import type { Policy } from '../policy/policy.ts';
import { durationOf } from '../sessions/session.ts';
import { presentTime } from '../time/present-time.ts';
import type { StopCheck } from './align-work.ts';
import { sessionEvidenceSection } from './evidence-section.ts';
import type { LeakFinder } from './leak-finder.ts';
import type { OriginalSearch } from './leak-originals.ts';
import { leakFinderFor } from './leak-scan.ts';
import {
  auditLogSection,
  completenessSection,
  leakDetectionSection,
  presentListedEvent,
} from './log-sections.ts';
import type { ReportFacts } from './report-facts.ts';
import { type AnyReport, REPORT_REVISION, REPORT_SCHEMA_NAME, type Report } from './report-schema.ts';
import { presentCoverage, safeHarborDetail } from './safe-harbor-section.ts';
import { sampleTranscripts } from './sample-transcripts.ts';
import { timeAlerts } from './time-alerts.ts';
import type { Transcripts } from './transcripts.ts';
import {
  BAA_STATEMENT,
  LOGGING_STATEMENT,
  POLICY_BASIS,
  retentionStatement,
  whoCanCheck,
} from './wording.ts';

/** Results computed from the facts before the report: the policy read, its coverage, the payloads aligned. */
export type ReportFindings = Readonly<{
  policy: Policy;
  coverage: Coverage;
  transcripts: Transcripts;
  /** The search for the originals of `transcripts`. */
  originals: OriginalSearch;
}>;

/**
 * The report, and what finds leaks in the callers' texts of it: samples were chosen with it. Pure, but for `isStopped`, at which it
 * throws. Requires facts that
 * agree: `composeReport` checks the policy against the session.
 */
export function buildReport(
  facts: ReportFacts,
  findings: ReportFindings,
  isStopped?: StopCheck,
): Readonly<{ report: Report; finder: LeakFinder }> {
  const rest = buildAllButSamples(facts, findings);
  const { policy, transcripts, originals } = findings;
  const finder = leakFinderFor(rest, originals, isStopped);
  const policyReloaded = facts.verdict.policyReloads.length > 0;
  const samples = sampleTranscripts(policy, policyReloaded, facts.payloads, transcripts, finder);
  return { report: { ...rest, sample_transcripts: samples }, finder };
}

function buildAllButSamples(
  facts: ReportFacts,
  findings: ReportFindings,
): Omit<Report, 'sample_transcripts'> {
  const { session, verdict } = facts;
  const { policy, coverage } = findings;
  const policyReloaded = verdict.policyReloads.length > 0;
  const basis = POLICY_BASIS[policyReloaded ? 'reloaded' : 'throughout'];
  return {
    id: facts.id,
    scope: 'session',
    session_id: session.id,
    generated_at: presentTime(facts.generatedAt),
    merkle_root_hex: verdict.rootHex,
    redactions_by_kind: new Map(verdict.counts.redactionsByKind),
    policy_snapshot: facts.policy.text,
    safe_harbor_coverage: presentCoverage(coverage),
    schema: REPORT_SCHEMA_NAME,
    revision: REPORT_REVISION,
    account: { id: facts.account.id, name: facts.account.name },
    agent: { id: facts.agent.id, name: facts.agent.name },
    issued_to: { id: facts.issuedTo.id, name: facts.issuedTo.name },
    session: presentSession(facts),
    policy: presentPolicy(facts, findings, basis),
    redaction_count: verdict.counts.redactionCount,
    redactions_by_pass: new Map(verdict.counts.redactionsByPass),
    leak_detection: leakDetectionSection(verdict),
    safe_harbor_detail: safeHarborDetail(coverage, basis, verdict.counts.redactionsByKind),
    audit_log: auditLogSection(verdict),
    time_alerts: timeAlerts(session, facts.generatedAt, verdict.times),
    retention: {
      policy_retention_days: policy.audit.retentionDays,
      statement: retentionStatement(policy.audit.retentionDays),
    },
    baa_chain: presentBaaChain(facts.baaChainText),
    events_total: verdict.size,
    events_listed: verdict.events.map(presentListedEvent),
    completeness: completenessSection(facts),
    who_can_check: whoCanCheck(facts.evidenceMissing !== 'no log'),
    ...sessionEvidenceSection(facts),
  };
}

/** The bytes that are sent, attached and hashed: `{"report": …}` as canonical JSON (RFC 8785). */
export function serializeReport(report: AnyReport): string {
  return canonicalize({ report });
}

function presentSession({ session }: ReportFacts): Report['session'] {
  return {
    id: session.id,
    started_at: presentTime(session.startedAt),
    ended_at: session.endedAt === null ? null : presentTime(session.endedAt),
    duration_ms: durationOf(session),
    status: session.status,
    upstream_model: session.upstreamModel,
    external_id: session.externalId ?? null,
  };
}

function presentPolicy(
  facts: ReportFacts,
  { policy, coverage }: ReportFindings,
  basis: Report['policy']['basis'],
): Report['policy'] {
  return {
    name: policy.name,
    version: policy.version,
    sha256: facts.policy.sha256Hex,
    basis,
    passthrough_kinds: coverage.passthroughKinds,
    logs_events: policy.audit.logEvents,
    logs_payloads: policy.audit.logPayloads,
    logging: loggingStatement(policy),
  };
}

/** `baa_chain`: the operator's text, or that there is none. */
export function presentBaaChain(text: string | null): Report['baa_chain'] {
  return { statement: BAA_STATEMENT[text === null ? 'absent' : 'configured'], text };
}

/** What a policy leaves out of the record. */
export function loggingStatement({ audit: { logEvents, logPayloads } }: Policy): string {
  if (logEvents) return logPayloads ? LOGGING_STATEMENT.both : LOGGING_STATEMENT.eventsOnly;
  return logPayloads ? LOGGING_STATEMENT.payloadsOnly : LOGGING_STATEMENT.neither;
}
