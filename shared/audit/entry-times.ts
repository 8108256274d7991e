// What the times of a log's entries show. Order is `seq`, never the clock, so an odd time is no fault of the log: a walk
// collects it, and the report alerts on it.

/** An entry by its place and its time, as its `ts` has it. */
export type DatedEntry = Readonly<{ seq: number; ts: string }>;

/** The times of a stretch of a log, or of all of it. */
export type EntryTimes = Readonly<{
  /** The first entry and the last, by `seq`; null where there is no entry, as in the next two. */
  firstTs: string | null;
  lastTs: string | null;
  /** The entry of the earliest time, and of the latest: the first one where several have it. */
  earliest: DatedEntry | null;
  latest: DatedEntry | null;
  /** Entries dated before the entry in front of them. */
  stepsBack: number;
  /** `seq` of the first of these; null for none. */
  firstStepBack: number | null;
  /** Milliseconds of the largest of these steps; 0 for none. */
  largestStepBackMs: number;
}>;

/** The times of no entry. */
export const NO_TIMES: EntryTimes = {
  firstTs: null,
  lastTs: null,
  earliest: null,
  latest: null,
  stepsBack: 0,
  firstStepBack: null,
  largestStepBackMs: 0,
};

/** Bytes of an entry's `ts`. */
const TS_LENGTH = '2026-01-01T00:00:00.000Z'.length;

/**
 * Follows the times of consecutive entries, each as the three 64-bit floats that its 24 bytes make. Floats of ASCII are
 * positive and ordered as their bytes are, so comparing them costs less than making a string or a number of each time.
 */
export class TimeTrack {
  readonly #first = new Float64Array(3);
  readonly #last = new Float64Array(3);
  readonly #earliest = new Float64Array(3);
  readonly #latest = new Float64Array(3);
  #earliestSeq = -1;
  #latestSeq = -1;
  #stepsBack = 0;
  #firstStepBack: number | null = null;
  #largestStepBackMs = 0;

  /** Takes the next entry's `ts`, 24 characters from `at` on, which the check of the entry has accepted. */
  add(view: DataView, at: number, seq: number): void {
    const a = view.getFloat64(at);
    const b = view.getFloat64(at + 8);
    const c = view.getFloat64(at + 16);
    if (this.#latestSeq < 0) {
      put(this.#first, a, b, c);
      put(this.#earliest, a, b, c);
      put(this.#latest, a, b, c);
      this.#earliestSeq = seq;
      this.#latestSeq = seq;
    } else {
      const order = compare(a, b, c, this.#latest);
      if (order > 0) {
        put(this.#latest, a, b, c);
        this.#latestSeq = seq;
      } else if (order < 0) this.#addEarlier(a, b, c, seq);
    }
    put(this.#last, a, b, c);
  }

  /** As `add`, for an entry's `ts` as text. */
  addText(ts: string, seq: number): void {
    this.add(viewOf(Buffer.from(ts, 'latin1')), 0, seq);
  }

  /** The times of all entries taken. */
  times(): EntryTimes {
    if (this.#latestSeq < 0) return NO_TIMES;
    const firstTs = toText(this.#first);
    const lastTs = toText(this.#last);
    // In most logs the first time is the earliest and the last the latest.
    const textOf = (floats: Float64Array, other: Float64Array, otherTs: string) =>
      isSame(floats, other) ? otherTs : toText(floats);
    return {
      firstTs,
      lastTs,
      earliest: { seq: this.#earliestSeq, ts: textOf(this.#earliest, this.#first, firstTs) },
      latest: { seq: this.#latestSeq, ts: textOf(this.#latest, this.#last, lastTs) },
      stepsBack: this.#stepsBack,
      firstStepBack: this.#firstStepBack,
      largestStepBackMs: this.#largestStepBackMs,
    };
  }

  #addEarlier(a: number, b: number, c: number, seq: number): void {
    if (compare(a, b, c, this.#last) < 0) {
      this.#stepsBack += 1;
      this.#firstStepBack ??= seq;
      const stepMs = toMs(this.#last) - toMs([a, b, c]);
      this.#largestStepBackMs = Math.max(this.#largestStepBackMs, stepMs);
    }
    if (compare(a, b, c, this.#earliest) < 0) {
      put(this.#earliest, a, b, c);
      this.#earliestSeq = seq;
    }
  }
}

/** The times of a log from those of its stretches, which follow one another; `begin` is the place of the first entry. */
export function composeTimes(
  stretches: readonly Readonly<{ begin: number; times: EntryTimes }>[],
): EntryTimes {
  let whole = NO_TIMES;
  for (const { begin, times } of stretches) {
    if (times.firstTs === null) continue;
    const stepMs = whole.lastTs === null ? 0 : Date.parse(whole.lastTs) - Date.parse(times.firstTs);
    const isStepBack = stepMs > 0;
    whole = {
      firstTs: whole.firstTs ?? times.firstTs,
      lastTs: times.lastTs,
      earliest: pick(whole.earliest, times.earliest, (a, b) => b < a),
      latest: pick(whole.latest, times.latest, (a, b) => b > a),
      stepsBack: whole.stepsBack + times.stepsBack + (isStepBack ? 1 : 0),
      firstStepBack: whole.firstStepBack ?? (isStepBack ? begin : times.firstStepBack),
      largestStepBackMs: Math.max(whole.largestStepBackMs, stepMs, times.largestStepBackMs),
    };
  }
  return whole;
}

function pick(
  first: DatedEntry | null,
  second: DatedEntry | null,
  isBeyond: (first: string, second: string) => boolean,
): DatedEntry | null {
  if (first === null || second === null) return first ?? second;
  return isBeyond(first.ts, second.ts) ? second : first;
}

/** Below zero where the first time is earlier, above zero where it is later. */
function compare(a: number, b: number, c: number, other: Float64Array): number {
  return a - (other[0] as number) || b - (other[1] as number) || c - (other[2] as number);
}

function isSame(floats: Float64Array, other: Float64Array): boolean {
  return compare(floats[0] as number, floats[1] as number, floats[2] as number, other) === 0;
}

function put(floats: Float64Array, a: number, b: number, c: number): void {
  floats[0] = a;
  floats[1] = b;
  floats[2] = c;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const written = Buffer.alloc(TS_LENGTH);

function toText(floats: ArrayLike<number>): string {
  for (let i = 0; i < floats.length; i += 1) written.writeDoubleBE(floats[i] as number, 8 * i);
  return written.toString('latin1');
}

function toMs(floats: ArrayLike<number>): number {
  return Date.parse(toText(floats));
}
