// Counts of a stretch of a log. Names come from entries, so they are kept in Maps, never as properties.
import { sortByName } from './count-pairs.ts';
import { POLICY_RELOADED, REDACTION, REHYDRATION_FAILED } from './entry.ts';
import type { CountPair, ListedEvent, LogCounts, RedactionCounts } from './verdict.ts';

/** Entries that a result lists one by one. Further ones are only counted. */
export const LISTED_LIMIT = 1000;

/** Adds up counts, from entries or from other counts. Lists the first rehydration failures and policy reloads. */
export class Tally {
  readonly #byKind = new Map<string, Counter>();
  readonly #byPass = new Map<string, Counter>();
  readonly #otherKinds = new Map<string, Counter>();
  #redactions = 0;
  #rehydrationFailures = 0;
  /** Filled by the walk, up to its own limit. */
  readonly events: ListedEvent[] = [];
  readonly rehydrationFailures: ListedEvent[] = [];
  readonly policyReloads: number[] = [];

  /** Counts one redaction. */
  addRedaction(entityKind: string, pass: string): void {
    this.#redactions += 1;
    increase(this.#byKind, entityKind, 1);
    increase(this.#byPass, pass, 1);
  }

  /** Counts one entry of any kind, and lists it if it is a rehydration failure or a policy reload. */
  add(event: ListedEvent): void {
    if (event.kind === REDACTION) this.addRedaction(event.entityKind ?? '', event.pass ?? '');
    else if (event.kind === REHYDRATION_FAILED) {
      this.#rehydrationFailures += 1;
      if (this.rehydrationFailures.length < LISTED_LIMIT) this.rehydrationFailures.push(event);
    } else {
      increase(this.#otherKinds, event.kind, 1);
      if (event.kind === POLICY_RELOADED && this.policyReloads.length < LISTED_LIMIT)
        this.policyReloads.push(event.seq);
    }
  }

  /** Adds counts of entries that are counted nowhere else in this tally. */
  addCounts(counts: RedactionCounts & Partial<Pick<LogCounts, 'otherKinds'>>): void {
    this.#redactions += counts.redactionCount;
    this.#rehydrationFailures += counts.rehydrationFailureCount;
    increaseAll(this.#byKind, counts.redactionsByKind);
    increaseAll(this.#byPass, counts.redactionsByPass);
    increaseAll(this.#otherKinds, counts.otherKinds ?? []);
  }

  /** All that was counted, with pairs sorted by name; zeros and no pairs when nothing was. */
  counts(): LogCounts {
    return {
      redactionCount: this.#redactions,
      redactionsByKind: sortedPairs(this.#byKind),
      redactionsByPass: sortedPairs(this.#byPass),
      rehydrationFailureCount: this.#rehydrationFailures,
      otherKinds: sortedPairs(this.#otherKinds),
    };
  }
}

type Counter = { count: number };

// A counter object is found once and then changed in place; a number would take a second look-up to be set.
function increase(counters: Map<string, Counter>, name: string, by: number): void {
  const counter = counters.get(name);
  if (counter) counter.count += by;
  else counters.set(name, { count: by });
}

/** Leaves out pairs whose count is not above zero. */
function increaseAll(counters: Map<string, Counter>, pairs: readonly CountPair[]): void {
  for (const [name, count] of pairs) if (count > 0) increase(counters, name, count);
}

function sortedPairs(counters: ReadonlyMap<string, Counter>): CountPair[] {
  return sortByName([...counters].map(([name, { count }]): CountPair => [name, count]));
}
