// Series of a chart: one count for each bucket of time.
import type { CountPair } from '../../../shared/audit/verdict.ts';

/** What was counted under one name, in every bucket. Any name is legal. */
export type Series = Readonly<{ name: string; counts: readonly number[] }>;

/** Series that a chart tells apart by colour and pattern. */
export const SERIES_LIMIT = 8;

/**
 * The counts of each bucket by name as series, in the order of names, so that a name mostly keeps its colour from one
 * window to the next. Of more names than a chart tells apart, the smallest are one series together, the last.
 */
export function toSeries(buckets: readonly (readonly CountPair[])[]): Series[] {
  const byName = new Map<string, number[]>();
  for (const [i, pairs] of buckets.entries()) {
    for (const [name, count] of pairs) {
      const counts = byName.get(name) ?? new Array<number>(buckets.length).fill(0);
      byName.set(name, counts);
      counts[i] = count;
    }
  }
  const all = [...byName].map(([name, counts]) => ({ name, counts, total: totalOf(counts) }));
  all.sort((a, b) => b.total - a.total || byText(a.name, b.name));
  const rest = all.length > SERIES_LIMIT ? all.splice(SERIES_LIMIT - 1) : [];
  const named = all
    .sort((a, b) => byText(a.name, b.name))
    .map(({ name, counts }) => ({ name: name || NAMELESS, counts }));
  if (rest.length === 0) return named;
  const counts = buckets.map((_, i) => totalOf(rest.map((series) => series.counts[i]!)));
  return [...named, { name: `${rest.length} other kinds`, counts }];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

const NAMELESS = '(no name)';

export function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
