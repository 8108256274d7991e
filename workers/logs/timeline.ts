/** What happened when: counts in equal stretches of time. */
export type Timeline = Readonly<{
  /** Unix milliseconds of the first entry, and the length of a stretch. */
  beginMs: number;
  stepMs: number;
  /** Counts by name, one for each stretch. */
  counts: ReadonlyMap<string, readonly number[]>;
}>;

/** Stretches of a timeline. */
const STRETCHES = 60;

/** Takes times in any order. */
export function createTimeline() {
  const times = new Map<string, number[]>();
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add(atMs: number, name: string): void {
      const known = times.get(name);
      if (known) known.push(atMs);
      else times.set(name, [atMs]);
      first = Math.min(first, atMs);
      last = Math.max(last, atMs);
    },

    /** No counts when nothing was added. */
    finish(): Timeline {
      if (times.size === 0) return { beginMs: 0, stepMs: 1, counts: new Map() };
      const stepMs = Math.max(1, Math.ceil((last - first + 1) / STRETCHES));
      const length = Math.floor((last - first) / stepMs) + 1;
      const counts = new Map<string, number[]>();
      for (const [name, all] of times) {
        const stretches = new Array<number>(length).fill(0);
        for (const at of all) stretches[Math.floor((at - first) / stepMs)]! += 1;
        counts.set(name, stretches);
      }
      return { beginMs: first, stepMs, counts };
    },
  };
}
