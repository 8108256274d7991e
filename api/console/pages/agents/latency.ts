import type { AgentStats } from '../../../../shared/aggregates/agent-stats.ts';
import type { Html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { table } from '../../markup/table.ts';
import { formatDuration } from '../../markup/time.ts';

/** A dash where no session gives a percentile. */
export function formatLatency(ms: number | null): string {
  return ms === null ? '–' : formatDuration(ms);
}

/** How long the agent's sessions took. */
export function latencyTable(stats: AgentStats): Html {
  const rows = [
    {
      window: 'Last 24 hours',
      sessions: stats.sessionCount24h,
      p50: stats.p50LatencyMs,
      p95: stats.p95LatencyMs,
    },
    {
      window: 'Last 7 days',
      sessions: stats.sessionCount7d,
      p50: stats.p50LatencyMs7d,
      p95: stats.p95LatencyMs7d,
    },
  ];
  return table(
    rows,
    [
      { heading: 'Window', cell: ({ window }) => window },
      { heading: 'Sessions', holds: 'number', cell: ({ sessions }) => formatCount(sessions) },
      { heading: 'Median', holds: 'number', cell: ({ p50 }) => formatLatency(p50) },
      { heading: '95th percentile', holds: 'number', cell: ({ p95 }) => formatLatency(p95) },
    ],
    {
      caption: 'Durations of whole sessions, from start to end: half, and 95 of 100, took no longer.',
      empty: '',
    },
  );
}
