// Counts of some ended sessions that merge: sums of parts are the sums of the whole, percentiles included, because
// durations are kept as an exact histogram.
import { addPairs, sortByName } from '../audit/count-pairs.ts';
import { Tally } from '../audit/tally.ts';
import type { CountPair, RedactionCounts } from '../audit/verdict.ts';
import type { EndedSession } from '../sessions/session-sums.ts';

/** How many sessions took a duration, in milliseconds. */
export type DurationPair = readonly [durationMs: number, count: number];

/**
 * Pairs are sorted by name in UTF-16 code units, or by duration; each name stands there once, with a count above zero.
 */
export type Sums = RedactionCounts &
  Readonly<{
    sessionCount: number;
    sessionsByStatus: readonly CountPair[];
    /** How many sessions lasted exactly so long. */
    durations: readonly DurationPair[];
  }>;

/** The sums of one session. */
export function sumsOfSession({ durationMs, status, aggregate }: EndedSession): Sums {
  return {
    sessionCount: 1,
    sessionsByStatus: [[status, 1]],
    redactionCount: aggregate.redactionCount,
    redactionsByKind: aggregate.redactionsByKind,
    redactionsByPass: aggregate.redactionsByPass,
    rehydrationFailureCount: aggregate.rehydrationFailureCount,
    durations: [[durationMs, 1]],
  };
}

/** Adds up sums of sessions that do not overlap, in any order. */
export class SumsBuilder {
  readonly #counts = new Tally();
  readonly #byStatus = new Map<string, number>();
  readonly #durations = new Map<number, number>();
  #sessions = 0;

  add(sums: Sums): void {
    this.#sessions += sums.sessionCount;
    this.#counts.addCounts(sums);
    addPairs(this.#byStatus, sums.sessionsByStatus);
    addPairs(this.#durations, sums.durations);
  }

  /** The sums of all that were added; zeros when nothing was. */
  total(): Sums {
    const { otherKinds: _, ...counts } = this.#counts.counts();
    return {
      sessionCount: this.#sessions,
      sessionsByStatus: sortByName(this.#byStatus),
      ...counts,
      durations: [...this.#durations].sort(([a], [b]) => a - b),
    };
  }
}

/**
 * The nearest-rank quantile: the smallest value that at least `fraction` (0 to 1) of all values are no larger than;
 * null when there are no values. Values are sorted, each with how often it occurs.
 */
export function nearestRank(values: readonly DurationPair[], fraction: number): number | null {
  const total = values.reduce((sum, [, count]) => sum + count, 0);
  let left = Math.max(1, Math.ceil(fraction * total));
  for (const [value, count] of values) {
    left -= count;
    if (left <= 0) return value;
  }
  return null;
}
