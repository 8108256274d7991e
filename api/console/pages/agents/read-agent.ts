// Everything that the page of an agent shows, read at once. Its numbers come from the functions that answer the API.
import type { Agent } from '../../../../shared/accounts/agent-repository.ts';
import { type AgentStats, readAgentStats } from '../../../../shared/aggregates/agent-stats.ts';
import type { PolicyReading } from '../../../../shared/reports/policy-reading.ts';
import type { PolicyUse } from '../../../../shared/sessions/policy-uses.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { listSessionPage } from '../../../http/session-list.ts';
import { sessionsPageQuery } from '../../../http/session-list-query.ts';
import { resolveState } from '../../../http/session-list-state.ts';
import type { SessionsResponse } from '../../../http/session-summary.ts';
import { findAgent } from '../../../routes/agents/find-agent.ts';
import { type BucketCount, countBuckets } from '../../../routes/stats/count-redactions.ts';
import { readPolicyText } from '../../page/read-policy.ts';
import { bucketQuery, type Window } from '../../page/window.ts';

export type AgentDeps = Pick<
  ApiDeps,
  'agents' | 'cursors' | 'hours' | 'metrics' | 'policies' | 'policyUses' | 'pool' | 'sessions' | 'sessionSums'
>;

/** The policy of the newest session. `reading` is null where its text is not stored. */
export type PolicyInForce = Readonly<{ use: PolicyUse; reading: PolicyReading | null }>;

/** What is read of the agent's sessions, and not of the agent alone. */
export type AgentSessions = Readonly<{
  buckets: readonly BucketCount[];
  newest: SessionsResponse['data'];
  /** Null where the agent has no session. */
  policy: PolicyInForce | null;
}>;

export type AgentQuery = Readonly<{ window: Window; timeZone: string; now: Date; signal: AbortSignal }>;

const NEWEST = 10;

/** Throws `agent_not_found`. */
export async function readAgent(
  deps: AgentDeps,
  accountId: string,
  agentId: string,
  { now }: Pick<AgentQuery, 'now'>,
): Promise<Readonly<{ agent: Agent; stats: AgentStats }>> {
  const [agent, stats] = await Promise.all([
    findAgent(deps, accountId, agentId),
    readAgentStats(deps, accountId, [agentId], now, { withWeekLatency: true }),
  ]);
  return { agent, stats: stats.get(agentId)! };
}

export async function readAgentSessions(
  deps: AgentDeps,
  accountId: string,
  agentId: string,
  { window, timeZone, now, signal }: AgentQuery,
): Promise<AgentSessions> {
  const list = sessionsPageQuery.parse({ since: window, limit: String(NEWEST), agent_id: agentId });
  const state = resolveState(deps, list, { account: accountId, list: 'sessions' }, now);
  const [buckets, newest, policy] = await Promise.all([
    countBuckets(deps, accountId, bucketQuery(window, timeZone, agentId), { now, signal }),
    listSessionPage(deps, state, list.limit),
    readPolicyInForce(deps, accountId, agentId, signal),
  ]);
  return { buckets, newest: newest.data, policy };
}

async function readPolicyInForce(
  { policies, policyUses, pool }: Pick<ApiDeps, 'policies' | 'policyUses' | 'pool'>,
  accountId: string,
  agentId: string,
  signal: AbortSignal,
): Promise<PolicyInForce | null> {
  const use = await policyUses.findNewest(accountId, agentId);
  if (use === null) return null;
  const stored = await policies.find(accountId, use.sha256Hex);
  if (stored === null) return { use, reading: null };
  return { use, reading: await readPolicyText({ pool }, accountId, stored.text, signal) };
}
