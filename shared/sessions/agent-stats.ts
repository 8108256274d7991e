// Rolling statistics of one agent, from session rows.
import type { Collection } from 'mongodb';
import type { StoredSession } from './stored-session.ts';

export type AgentStats = Readonly<{
  /** Sessions that started within the last 24 hours or 7 days and have ended. */
  sessionCount24h: number;
  sessionCount7d: number;
  redactionCount24h: number;
  /** Nearest-rank percentiles of whole sessions over 24 hours; null when there are none. */
  p50LatencyMs: number | null;
  p95LatencyMs: number | null;
}>;

const HOUR_MS = 3_600_000;

export async function computeAgentStats(
  sessions: Collection<StoredSession>,
  accountId: string,
  agentId: string,
  now: Date,
): Promise<AgentStats> {
  const dayAgo = new Date(now.getTime() - 24 * HOUR_MS);
  const weekAgo = new Date(now.getTime() - 7 * 24 * HOUR_MS);
  const ended = {
    account_id: accountId,
    agent_id: agentId,
    ended_at: { $ne: null },
    importing: { $ne: true as const },
  };
  const [lastDay, sessionCount7d] = await Promise.all([
    sessions
      .find(
        { ...ended, started_at: { $gte: dayAgo, $lt: now } },
        { projection: { duration_ms: 1, 'aggregate.redaction_count': 1 }, batchSize: 1000 },
      )
      .toArray(),
    sessions.countDocuments({ ...ended, started_at: { $gte: weekAgo, $lt: now } }),
  ]);
  const durations = lastDay.map((row) => row.duration_ms ?? 0).sort((a, b) => a - b);
  return {
    sessionCount24h: lastDay.length,
    sessionCount7d,
    redactionCount24h: lastDay.reduce((sum, row) => sum + row.aggregate.redaction_count, 0),
    p50LatencyMs: nearestRank(durations, 0.5),
    p95LatencyMs: nearestRank(durations, 0.95),
  };
}

/** The smallest value that at least `fraction` of all are no larger than. */
export function nearestRank(sorted: readonly number[], fraction: number): number | null {
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? null;
}
