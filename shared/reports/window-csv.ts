// The sessions of a window as CSV: RFC 4180, a header, a row a session. Also those of which nothing but the id is known.
import { writeCsv } from '../csv/write-csv.ts';
import type { WideReport } from './report-schema.ts';

const COLUMNS = [
  'session_id',
  'agent_id',
  'agent_name',
  'started_at',
  'ended_at',
  'status',
  'entries',
  'redactions',
  'log_state',
  'verdict',
  'fault',
  'seq',
  'merkle_root_hex',
  'policy_name',
  'policy_version',
  'policy_sha256',
] as const;

type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string | number | null>>>;

/**
 * A report's sessions, its exceptions, and those that the account log has or that were listed and that are not stored any more
 * (`missing`, `gone`), in ascending order of ids. Times are ISO 8601 UTC.
 */
export function windowCsv(report: WideReport): string {
  const agentNames = new Map(report.redactions_by_agent.map(({ agent_id: id, name }) => [id, name]));
  const policies = new Map(report.policies.map((policy) => [policy.sha256, policy]));
  const verified = report.sessions.map((session): Row => {
    const policy = policies.get(session.policy_sha256);
    return {
      session_id: session.id,
      agent_id: session.agent_id,
      agent_name: agentNames.get(session.agent_id) ?? null,
      started_at: session.started_at,
      ended_at: session.ended_at,
      status: session.status,
      entries: session.entries,
      redactions: session.redactions,
      log_state: session.state,
      verdict: 'verified',
      merkle_root_hex: session.root_hex,
      policy_name: policy?.name ?? null,
      policy_version: policy?.version ?? null,
      policy_sha256: session.policy_sha256,
    };
  });
  const exceptions = report.exceptions.map((exception): Row => {
    const { session_id, agent_id, started_at, verdict, fault, seq } = exception;
    const agent_name = agentNames.get(agent_id) ?? null;
    return { session_id, agent_id, agent_name, started_at, verdict, fault, seq };
  });
  const { sessions_missing: missing, sessions_gone: gone } = report.completeness;
  const lost = [
    ...missing.map((session_id): Row => ({ session_id, verdict: 'missing' })),
    ...gone.map((session_id): Row => ({ session_id, verdict: 'gone' })),
  ];
  const idOf = ({ session_id: id }: Row) => `${id}`;
  const rows = [...verified, ...exceptions, ...lost].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  return writeCsv(rows, COLUMNS);
}
