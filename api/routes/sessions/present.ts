import type { Session, SessionSummary } from '../../../shared/sessions/session.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import type { SessionSummaryResponse } from './schema.ts';

export function presentSummary(session: SessionSummary, agentName: string): SessionSummaryResponse {
  return {
    ...presentIdentity(session, agentName),
    redaction_count: session.aggregate.redactionCount,
    redactions_by_kind: Object.fromEntries(session.aggregate.redactionsByKind),
    upstream_model: session.upstreamModel,
  };
}

/** The fields of a session's page that its row knows; what the log says follows them. */
export function presentSessionHead(session: Session, agentName: string) {
  return {
    ...presentIdentity(session, agentName),
    upstream_model: session.upstreamModel,
    policy_name: session.policyName,
    policy_version: session.policyVersion,
    stage_durations_ms: Object.fromEntries(session.stageDurationsMs),
  };
}

function presentIdentity(session: SessionSummary, agentName: string) {
  return {
    id: session.id,
    agent_id: session.agentId,
    agent_name: agentName,
    started_at: presentTime(session.startedAt),
    ended_at: session.endedAt && presentTime(session.endedAt),
    duration_ms: session.durationMs,
    status: session.status,
  };
}
