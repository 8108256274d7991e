// Counts of ended sessions that merge: sums of parts add up to the sums of the whole. Durations are kept as an exact
// histogram, so that percentiles merge too.
import { addPairs, sortByName } from '../audit/count-pairs.ts';
import { Tally } from '../audit/tally.ts';
import type { CountPair, RedactionCounts } from '../audit/verdict.ts';
import type { EndedSession } from '../sessions/session-sums.ts';

/** A duration in milliseconds, and how many sessions took it. */
export type DurationPair = readonly [durationMs: number, count: number];

/**
 * Sums over some ended sessions. Pairs are sorted by name in UTF-16 code units, or by duration. Each name occurs once,
 * with a count above zero.
 */
export type Sums = RedactionCounts &
  Readonly<{
    sessionCount: number;
    sessionsByStatus: readonly CountPair[];
    /** An exact histogram. */
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

  /** Adds sums, of which no session was added before. */
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
 * The nearest-rank quantile: the smallest value `v` such that at least the share `fraction` (0 to 1) of all values is
 * at most `v`. Null when there are no values. Requires values in ascending order, each with how often it occurs.
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
