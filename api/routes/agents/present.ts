import type { Agent } from '../../../shared/accounts/agent-repository.ts';
import type { AgentStats } from '../../../shared/aggregates/agent-stats.ts';
import type { AgentResponse } from './schema.ts';

export function presentAgent(agent: Agent, stats: AgentStats): AgentResponse {
  return {
    id: agent.id,
    name: agent.name,
    policy_name: agent.policyName,
    session_count_24h: stats.sessionCount24h,
    session_count_7d: stats.sessionCount7d,
    redaction_count_24h: stats.redactionCount24h,
    p50_latency_ms: stats.p50LatencyMs,
    p95_latency_ms: stats.p95LatencyMs,
  };
}
