// How often a process keeps a long account log: each time it is read whole.

/** Below this a log is kept as often as it is asked for. */
const SHORT_MS = 1_000;
/** A log that took a second is left for as many seconds. */
const TIMES = 5;
/** The sweep comes each half minute, and an entry is due within a minute. */
const LONGEST_MS = 25_000;

export type Pace = Readonly<{
  /** Whether the subject may be worked on again. */
  may(subject: string): boolean;
  /** The result of the work, which is timed. */
  take<T>(subject: string, work: () => Promise<T>): Promise<T>;
}>;

/** `now`: milliseconds of a clock that is never set back. */
export function createPace(now: () => number = () => performance.now()): Pace {
  const restsUntilMs = new Map<string, number>();
  return {
    may: (subject) => now() >= (restsUntilMs.get(subject) ?? 0),
    async take(subject, work) {
      const begunMs = now();
      try {
        return await work();
      } finally {
        const endedMs = now();
        const tookMs = endedMs - begunMs;
        if (tookMs < SHORT_MS) restsUntilMs.delete(subject);
        else restsUntilMs.set(subject, endedMs + Math.min(LONGEST_MS, TIMES * tookMs));
      }
    },
  };
}
