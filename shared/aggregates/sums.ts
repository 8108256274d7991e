// Counts of some ended sessions that merge: sums of parts are the sums of the whole, percentiles included, because
// durations are kept as an exact histogram. Names come from outside, so they are kept in Maps and pairs.
import type { CountPair } from '../audit/verdict.ts';
import type { EndedSession } from '../sessions/session-sums.ts';

export type DurationPair = readonly [durationMs: number, count: number];

/** Pairs are sorted by name in UTF-16 code units, or by duration; each stands there once, with a count above zero. */
export type Sums = Readonly<{
  sessionCount: number;
  sessionsByStatus: readonly CountPair[];
  redactionCount: number;
  redactionsByKind: readonly CountPair[];
  redactionsByPass: readonly CountPair[];
  rehydrationFailureCount: number;
  /** How many sessions lasted exactly so long. */
  durations: readonly DurationPair[];
}>;

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
  readonly #byStatus = new Map<string, number>();
  readonly #byKind = new Map<string, number>();
  readonly #byPass = new Map<string, number>();
  readonly #durations = new Map<number, number>();
  #sessions = 0;
  #redactions = 0;
  #rehydrationFailures = 0;

  add(sums: Sums): void {
    this.#sessions += sums.sessionCount;
    this.#redactions += sums.redactionCount;
    this.#rehydrationFailures += sums.rehydrationFailureCount;
    addPairs(this.#byStatus, sums.sessionsByStatus);
    addPairs(this.#byKind, sums.redactionsByKind);
    addPairs(this.#byPass, sums.redactionsByPass);
    addPairs(this.#durations, sums.durations);
  }

  total(): Sums {
    return {
      sessionCount: this.#sessions,
      sessionsByStatus: sortByName(this.#byStatus),
      redactionCount: this.#redactions,
      redactionsByKind: sortByName(this.#byKind),
      redactionsByPass: sortByName(this.#byPass),
      rehydrationFailureCount: this.#rehydrationFailures,
      durations: [...this.#durations].sort(([a], [b]) => a - b),
    };
  }
}

/**
 * The smallest value that at least `fraction` of all are no larger than; null when there is none. Values are sorted, each
 * with how often it occurs.
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

export function addPairs<Name>(
  counts: Map<Name, number>,
  pairs: readonly (readonly [name: Name, count: number])[],
): void {
  for (const [name, count] of pairs) if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
}

/** By UTF-16 code units, which no two names share. */
export function sortByName(counts: ReadonlyMap<string, number>): CountPair[] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
