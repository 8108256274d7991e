// The report over many sessions, a pure function of its facts. It never states more than the logs show.
import type { Policy } from '../policy/policy.ts';
import { SESSION_STATUSES } from '../sessions/session.ts';
import { cutWindow, localDay } from '../time/local-buckets.ts';
import { presentTime } from '../time/present-time.ts';
import { windowEvidenceSection } from './evidence-section.ts';
import { presentTs } from './log-sections.ts';
import type { PolicyReading } from './policy-reading.ts';
import { loggingStatement, presentBaaChain } from './report.ts';
import {
  REPORT_REVISION,
  REPORT_SCHEMA_NAME,
  type WideReport,
  type WithoutSamples,
} from './report-schema.ts';
import { presentCoverage } from './safe-harbor-section.ts';
import { completeness, entriesOf, presentWindow, windowAlerts } from './window-completeness.ts';
import { weakestCoverage } from './window-coverage.ts';
import type { SessionException, WalkedSession, WindowFacts } from './window-facts.ts';
import { windowRoot } from './window-root.ts';
import { LEAK_DETECTION_STATEMENT, retentionStatement, whoCanCheck } from './wording.ts';

/** A policy version in force, read. `sessions` are those under it. */
export type PolicyInForce = Readonly<{
  sha256Hex: string;
  text: string;
  reading: Extract<PolicyReading, { ok: true }>;
  sessions: readonly WalkedSession[];
}>;

/** Days of the longest window that a report covers: a leap year, and the hours that its clocks lost. */
export const WINDOW_DAYS_LIMIT = 367;

const LISTED_AT_MOST = 1000;

/**
 * The report but for its samples, which are chosen by what is in it. Pure. `policies` are in order of first use, and hold
 * every session. `rootHex` is the sessions' root, for a caller that has made it.
 */
export function buildWideReport(
  facts: WindowFacts,
  policies: readonly PolicyInForce[],
  rootHex: string = windowRoot(facts.walked.sessions),
): WithoutSamples<WideReport> {
  const { subject, walked, account, agentNames } = facts;
  const { sessions, counts } = walked;
  const { window } = subject;
  const shared = {
    id: facts.id,
    generated_at: presentTime(facts.generatedAt),
    merkle_root_hex: rootHex,
    redactions_by_kind: new Map(counts.redactionsByKind),
    policy_snapshot: snapshotOf(policies),
    ...weakestCoverage(
      policies.map(({ sha256Hex, reading }) => ({ sha256Hex, coverage: reading.coverage })),
      counts.redactionsByKind,
    ),
    schema: REPORT_SCHEMA_NAME,
    revision: REPORT_REVISION,
    account,
    issued_to: { id: facts.issuedTo.id, name: facts.issuedTo.name },
    redaction_count: counts.redactionCount,
    redactions_by_pass: new Map(counts.redactionsByPass),
    baa_chain: presentBaaChain(facts.baaChainText),
    who_can_check: whoCanCheck(facts.accountLog !== null),
    window: presentWindow(window),
    sessions_total: sessions.length,
    sessions_by_status: countByStatus(sessions),
    sessions: sessions.map(presentSession),
    redactions_by_agent: byAgent(sessions, agentNames),
    redactions_by_day: byDay(facts),
    policies: policies.map(presentPolicy),
    exceptions: walked.exceptions.map(presentException),
    leak_detection: leakDetection(facts),
    audit_log: auditLog(facts),
    time_alerts: timeAlerts(facts),
    completeness: completeness(facts),
    ...windowEvidenceSection(facts.accountLog?.evidence ?? null),
  } as const;
  if (subject.scope === 'account') return { ...shared, scope: 'account' };
  const { agentId } = subject;
  const agent = { id: agentId, name: agentNames.get(agentId) ?? agentId };
  return { ...shared, scope: 'agent', agent_id: agentId, agent };
}

/** One text byte for byte; several as a YAML stream. */
function snapshotOf(policies: readonly PolicyInForce[]): string {
  if (policies.length === 1) return policies[0]!.text;
  return policies.map(({ text }) => (text.endsWith('\n') ? `---\n${text}` : `---\n${text}\n`)).join('');
}

function countByStatus(sessions: readonly WalkedSession[]): WideReport['sessions_by_status'] {
  const counted = SESSION_STATUSES.map((status) => [
    status,
    sessions.filter((session) => session.status === status).length,
  ]);
  return Object.fromEntries(counted) as WideReport['sessions_by_status'];
}

function presentSession(session: WalkedSession): WideReport['sessions'][number] {
  return {
    id: session.id,
    agent_id: session.agentId,
    started_at: present(session.startedAt),
    ended_at: session.endedAt === null ? null : present(session.endedAt),
    status: session.status,
    entries: session.size,
    root_hex: session.rootHex,
    state: session.state,
    redactions: session.redactionCount,
    policy_sha256: session.policy.sha256Hex,
    read_at: present(session.readAt),
    log_index: session.logIndex,
  };
}

/** As `presentTime`, of a time as `toISOString` wrote it: a report has three a session. */
function present(time: string): string {
  return time.replace('.000Z', 'Z');
}

type Figures = { sessions: number; entries: number; redactions: number };

/** Adds up sessions by a name of each; names in the order in which they first come. */
function sumBy(sessions: readonly WalkedSession[], nameOf: (session: WalkedSession) => string) {
  const sums = new Map<string, Figures>();
  for (const session of sessions) {
    const name = nameOf(session);
    const sum = sums.get(name) ?? { sessions: 0, entries: 0, redactions: 0 };
    sums.set(name, sum);
    sum.sessions += 1;
    sum.entries += session.size;
    sum.redactions += session.redactionCount;
  }
  return sums;
}

function byAgent(sessions: readonly WalkedSession[], names: ReadonlyMap<string, string>) {
  return [...sumBy(sessions, ({ agentId }) => agentId)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([agentId, sum]) => ({ agent_id: agentId, name: names.get(agentId) ?? agentId, ...sum }));
}

/** Every day of the window by the clocks of its zone, also those without a session. */
function byDay({ subject: { window }, walked }: WindowFacts): WideReport['redactions_by_day'] {
  const { since, until, tz } = window;
  if (since >= until) return [];
  const edges = cutWindow({ since, until }, 'day', tz, WINDOW_DAYS_LIMIT + 1);
  if (!edges) throw new RangeError(`A window has at most ${WINDOW_DAYS_LIMIT} days`);
  const starts = edges.slice(0, -1);
  const sums = sumBy(walked.sessions, ({ startedAt }) => `${findDay(starts, Date.parse(startedAt))}`);
  return starts.map((start, i) => {
    const { sessions = 0, redactions = 0 } = sums.get(`${i}`) ?? {};
    const end = edges[i + 1] as Date;
    return {
      day: localDay(start, tz),
      since: presentTime(start),
      until: presentTime(end),
      sessions,
      redactions,
    };
  });
}

/** The last day that began at this time or before. */
function findDay(starts: readonly Date[], ms: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as Date).getTime() <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

function presentPolicy({
  sha256Hex,
  text,
  reading,
  sessions,
}: PolicyInForce): WideReport['policies'][number] {
  const { policy, coverage } = reading;
  const starts = sessions.map(({ startedAt }) => startedAt).sort();
  return {
    name: policy.name,
    version: policy.version,
    sha256: sha256Hex,
    text,
    sessions: sessions.length,
    first_used: present(starts[0] as string),
    last_used: present(starts.at(-1) as string),
    passthrough_kinds: coverage.passthroughKinds,
    logs_events: policy.audit.logEvents,
    logs_payloads: policy.audit.logPayloads,
    logging: loggingStatement(policy),
    ...presentRetention(policy),
    safe_harbor_coverage: presentCoverage(coverage),
  };
}

function presentRetention({ audit: { retentionDays } }: Policy) {
  return { retention_days: retentionDays, retention: retentionStatement(retentionDays) };
}

function presentException({ id, agentId, startedAt, verdict }: SessionException) {
  const about = { session_id: id, agent_id: agentId, started_at: present(startedAt) };
  return verdict.status === 'failed'
    ? { ...about, verdict: verdict.status, fault: verdict.fault, seq: verdict.seq, key_id: null }
    : {
        ...about,
        verdict: verdict.status,
        fault: null,
        seq: null,
        key_id: verdict.reason === 'unknown_key' ? verdict.keyId : null,
      };
}

function leakDetection({ walked }: WindowFacts): WideReport['leak_detection'] {
  const failures = walked.counts.rehydrationFailureCount;
  return {
    rehydration_failures: failures,
    events: walked.rehydrationFailures.map(({ sessionId, id, seq, ts, kind, entityKind }) => ({
      session_id: sessionId,
      id,
      seq,
      ts: presentTs(ts),
      kind,
      entity_kind: entityKind,
    })),
    statement: LEAK_DETECTION_STATEMENT[failures === 0 ? 'none' : 'some'],
  };
}

function auditLog({ walked, accountLog }: WindowFacts): WideReport['audit_log'] {
  const { sessions, exceptions, gone } = walked;
  const missing = accountLog?.missing ?? [];
  const hasFailed = exceptions.some(({ verdict }) => verdict.status === 'failed');
  const isComplete = exceptions.length === 0 && gone.length === 0 && missing.length === 0;
  const count = (state: WalkedSession['state']) =>
    sessions.filter((session) => session.state === state).length;
  const keys = [...sumBy(sessions, ({ keyId }) => keyId)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    verdict: hasFailed ? 'failed' : isComplete ? 'verified' : 'incomplete',
    sessions_walked: sessions.length,
    entries_read: entriesOf(sessions),
    states: { open: count('open'), sealed: count('sealed'), unsealed: count('unsealed') },
    first_ts: extreme(
      sessions.map(({ firstTs }) => firstTs),
      (a, b) => a < b,
    ),
    last_ts: extreme(
      sessions.map(({ lastTs }) => lastTs),
      (a, b) => a > b,
    ),
    keys: keys.map(([keyId, sum]) => ({ key_id: keyId, sessions: sum.sessions, entries: sum.entries })),
  };
}

function extreme(
  times: readonly (string | null)[],
  isBeyond: (a: string, b: string) => boolean,
): string | null {
  let found: string | null = null;
  for (const time of times) if (time !== null && (found === null || isBeyond(time, found))) found = time;
  return found && present(found);
}

function timeAlerts({ subject, generatedAt, walked: { sessions } }: WindowFacts): WideReport['time_alerts'] {
  const odd = sessions.filter(({ timeAlerts }) => timeAlerts.length > 0);
  const listed = odd.flatMap(({ id, timeAlerts }) =>
    timeAlerts.map(({ code }) => ({ session_id: id, code })),
  );
  return {
    window: windowAlerts(subject.window.until, generatedAt),
    sessions: odd.length,
    listed: listed.slice(0, LISTED_AT_MOST),
  };
}
