// Rolling statistics of an account's agents, from its sums.
import { DAY_MS } from '../time/durations.ts';
import { readSums, type SumSources } from './read-sums.ts';
import { nearestRank, type Sums, SumsBuilder } from './sums.ts';

/** Rolling statistics of one agent, over its ended sessions. */
export type AgentStats = Readonly<{
  /** Sessions that started within the last 24 hours, or 7 days, and have ended. */
  sessionCount24h: number;
  sessionCount7d: number;
  redactionCount24h: number;
  /** Nearest-rank percentiles of the durations of the sessions of 24 hours; null when there are none. */
  p50LatencyMs: number | null;
  p95LatencyMs: number | null;
  /** Of the sessions of 7 days; null as well where they were not asked for. */
  p50LatencyMs7d: number | null;
  p95LatencyMs7d: number | null;
}>;

/** `withWeekLatency` reads the durations of 7 days too, which are most of the bytes. */
export type StatsOptions = Readonly<{ withWeekLatency?: boolean }>;

/**
 * Each agent's statistics up to `now`, by agent id. An agent without sessions has zeros and nulls. Reads once for all
 * agents. Rejects with the driver's error when the database is away.
 */
export async function readAgentStats(
  sources: SumSources,
  accountId: string,
  agentIds: readonly string[],
  now: Date,
  { withWeekLatency = false }: StatsOptions = {},
): Promise<Map<string, AgentStats>> {
  if (agentIds.length === 0) return new Map();
  const dayAgo = new Date(now.getTime() - DAY_MS);
  const weekAgo = new Date(now.getTime() - 7 * DAY_MS);
  const [lastDay, before] = await Promise.all([
    sumByAgent(sources, accountId, agentIds, [dayAgo, now], true),
    sumByAgent(sources, accountId, agentIds, [weekAgo, dayAgo], withWeekLatency),
  ]);
  return new Map(
    agentIds.map((id) => {
      const day = (lastDay.get(id) ?? NOTHING).total();
      const rest = (before.get(id) ?? NOTHING).total();
      const weekDurations = withWeekLatency ? mergeDurations(day, rest) : [];
      const stats = {
        sessionCount24h: day.sessionCount,
        sessionCount7d: day.sessionCount + rest.sessionCount,
        redactionCount24h: day.redactionCount,
        p50LatencyMs: nearestRank(day.durations, 0.5),
        p95LatencyMs: nearestRank(day.durations, 0.95),
        p50LatencyMs7d: nearestRank(weekDurations, 0.5),
        p95LatencyMs7d: nearestRank(weekDurations, 0.95),
      };
      return [id, stats];
    }),
  );
}

const NOTHING = new SumsBuilder();

function mergeDurations(...parts: readonly Sums[]): Sums['durations'] {
  const builder = new SumsBuilder();
  for (const part of parts) builder.add(part);
  return builder.total().durations;
}

async function sumByAgent(
  sources: SumSources,
  accountId: string,
  agentIds: readonly string[],
  edges: readonly Date[],
  withDurations: boolean,
): Promise<Map<string, SumsBuilder>> {
  const byAgent = new Map(agentIds.map((id) => [id, new SumsBuilder()]));
  const agentId = agentIds.length === 1 ? agentIds[0] : undefined;
  for await (const part of readSums(sources, accountId, { edges, agentId, withDurations }))
    byAgent.get(part.agentId)?.add(part.sums);
  return byAgent;
}
