// Makes a report over many sessions again from what it states, so that what follows can be compared.
import { hash } from 'node:crypto';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { damagedRow, type LogCounts, type UnverifiableLog, unknownKey } from '../../shared/audit/verdict.ts';
import type { StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { readPolicy } from '../../shared/reports/policy-reading.ts';
import { oddWindow } from '../../shared/reports/report-window.ts';
import type { ReportWindow, WideSubject } from '../../shared/reports/subject.ts';
import type { WalkedSession, WindowFacts } from '../../shared/reports/window-facts.ts';
import { buildWideReport, type PolicyInForce } from '../../shared/reports/window-report.ts';

/** The report's fields from these sessions and counts; everything else as it states it. */
export function rebuild(
  report: StatedWideReport,
  sessions: readonly WalkedSession[],
  counts: LogCounts,
  policies: readonly PolicyInForce[],
) {
  const { completeness, exceptions } = report;
  const range = windowOf(report);
  const subject: WideSubject =
    report.scope === 'agent'
      ? { scope: 'agent', agentId: report.agent_id, window: range }
      : { scope: 'account', window: range };
  const facts: WindowFacts = {
    id: report.id,
    generatedAt: new Date(report.generated_at),
    subject,
    exceptionsRule: completeness.parameters.exceptions,
    account: report.account,
    issuedTo: report.issued_to ?? NOBODY,
    agentNames: new Map(report.redactions_by_agent.map(({ agent_id: id, name }) => [id, name])),
    walked: {
      sessions,
      exceptions: exceptions.map(
        ({ session_id: id, agent_id: agentId, started_at: startedAt, ...found }) => ({
          ...{ id, agentId, startedAt },
          verdict:
            found.verdict === 'failed'
              ? {
                  status: 'failed',
                  fault: found.fault ?? 'altered',
                  seq: found.seq ?? 0,
                  expected: null,
                  calculated: null,
                }
              : unverifiableBy(found.key_id),
        }),
      ),
      gone: completeness.sessions_gone,
      counts,
      namedBy: [],
      rehydrationFailures: [],
    },
    counted: {
      before: { sessions: completeness.counted_before, at: new Date(completeness.counted_before_at) },
      after: { sessions: completeness.counted_after, at: new Date(completeness.counted_after_at) },
    },
    policies: new Map(),
    sampled: [],
    baaChainText: report.baa_chain.text,
    accountLog: statedLog(report),
  };
  return buildWideReport(facts, regroup(policies, sessions));
}

/** Of a report that names nobody: who asked follows from no log. */
const NOBODY = { id: '', name: '' };

/** The policies of these sessions, in the order in which the report has them. */
function regroup(policies: readonly PolicyInForce[], sessions: readonly WalkedSession[]): PolicyInForce[] {
  const bySha = Map.groupBy(sessions, ({ policy }) => policy.sha256Hex);
  return policies.map((policy) => ({ ...policy, sessions: bySha.get(policy.sha256Hex) ?? policy.sessions }));
}

function windowOf({ window }: StatedWideReport): ReportWindow {
  return { ...window, since: new Date(window.since), until: new Date(window.until) };
}

/** What a report is made again from: the policies whose texts it holds. Or, as a sentence, why it cannot be. */
export function policiesOf(report: StatedWideReport): PolicyInForce[] | string {
  const odd = oddWindow(windowOf(report), new Date(report.generated_at));
  if (odd !== null) return odd;
  const found: PolicyInForce[] = [];
  const stated = statedSessions(report);
  for (const { sha256: sha256Hex, text } of report.policies) {
    if (hash('sha256', text) !== sha256Hex)
      return `the text of a policy does not have its SHA-256 ${sha256Hex}`;
    const reading = readPolicy(text);
    if (!reading.ok) return `the text of the policy ${sha256Hex} cannot be read`;
    const sessions = stated.filter(({ policy }) => policy.sha256Hex === sha256Hex);
    if (sessions.length === 0) return `no session is under the policy ${sha256Hex}`;
    found.push({ sha256Hex, text, reading, sessions });
  }
  const known = new Set(found.map(({ sha256Hex }) => sha256Hex));
  const without = stated.find(({ policy }) => !known.has(policy.sha256Hex));
  return without ? `the text of the policy of ${without.id} is not in the report` : found;
}

/** The sessions as the report states them. */
export function statedSessions(report: StatedWideReport): WalkedSession[] {
  return report.sessions.map((session) => toWalked(session, []));
}

/** A session as the report states it; what it does not state is empty. */
export function toWalked(
  stated: StatedWideReport['sessions'][number],
  policies: readonly PolicyInForce[],
): WalkedSession {
  const policy = policies.find(({ sha256Hex }) => sha256Hex === stated.policy_sha256)?.reading.policy;
  return {
    id: stated.id,
    agentId: stated.agent_id,
    startedAt: new Date(stated.started_at).toISOString(),
    endedAt: stated.ended_at && new Date(stated.ended_at).toISOString(),
    status: stated.status,
    policy: { name: policy?.name ?? '', version: policy?.version ?? 1, sha256Hex: stated.policy_sha256 },
    readAt: new Date(stated.read_at).toISOString(),
    size: stated.entries,
    rootHex: stated.root_hex,
    state: stated.state,
    keyId: '',
    redactionCount: stated.redactions,
    wasReloaded: false,
    firstTs: null,
    lastTs: null,
    timeAlerts: [],
    logIndex: stated.log_index,
  };
}

/** What the report states of the account log. */
function statedLog({ evidence, completeness }: StatedWideReport): WindowFacts['accountLog'] {
  if (evidence === null) return null;
  const { checkpoint, log_size: logSize, origin, verifier_key: verifierKey } = evidence;
  return {
    evidence: { checkpoint, logSize, origin, verifierKey },
    entriesInWindow: completeness.log_entries_in_window ?? 0,
    missing: completeness.sessions_missing,
  };
}

/** The counts as the report states them. */
export function statedCounts(report: StatedWideReport): LogCounts {
  return {
    redactionCount: report.redaction_count,
    redactionsByKind: [...report.redactions_by_kind],
    redactionsByPass: [...report.redactions_by_pass],
    rehydrationFailureCount: report.leak_detection.rehydration_failures,
    otherKinds: [...report.completeness.other_kinds],
  };
}

/** The figures per agent without the names, which may change. */
export function withoutNames({ redactions_by_agent: agents }: Pick<StatedWideReport, 'redactions_by_agent'>) {
  return agents.map(({ name: _, ...figures }) => figures);
}

/** Whether two values are written differently. */
export function differs(stated: unknown, found: unknown): boolean {
  return canonicalize(stated) !== canonicalize(found);
}

/** A report names no key of a session whose row is damaged. */
function unverifiableBy(keyId: string | null): UnverifiableLog {
  return keyId === null ? damagedRow('') : unknownKey(keyId);
}
