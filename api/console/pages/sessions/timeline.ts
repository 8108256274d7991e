import type { CountPair } from '../../../../shared/audit/verdict.ts';
import type { EntryView } from '../../../../workers/reports/pool.ts';
import { barChart } from '../../charts/bar-chart.ts';
import { toSeries } from '../../charts/series.ts';
import { type Html, html, nothing } from '../../markup/html.ts';

/** When the entries of the log were written, by kind. Nothing where the log holds none. */
export async function timelineSection({ timeline }: EntryView, timeZone: string): Promise<Html> {
  const { beginMs, stepMs, counts } = timeline;
  if (counts.size === 0) return nothing;
  const length = Math.max(...[...counts.values()].map((stretches) => stretches.length));
  const buckets = Array.from({ length }, (_, i) => ({
    start: new Date(beginMs + i * stepMs),
    end: new Date(beginMs + (i + 1) * stepMs),
  }));
  const pairs = buckets.map((_, i) =>
    [...counts].map(([name, stretches]): CountPair => [name, stretches[i] ?? 0]),
  );
  const chart = { id: 'timeline', name: 'Entries over the session, by kind', bucket: 'moment' } as const;
  return html`<h2>Timeline</h2>
${await barChart({ ...chart, timeZone, buckets, series: toSeries(pairs) })}`;
}
