// Predicts from the pace of a walk whether it will meet its deadline, so that a caller is refused early and not at the
// end.

export type Deadline = Readonly<{
  /** On the clock of `performance.now()`. */
  atMs: number;
  /**
   * The error for the caller. A function, because most walks need none and a stack costs a twentieth of a millisecond.
   */
  reason: () => Error;
}>;

/** The first ranges give no reliable pace: threads are cold, and other callers may just have finished. */
const RANGES_BEFORE = 8;
/** The pace may double when other callers finish. */
const DOUBT = 2;

export class Forecast {
  readonly #total: number;
  readonly #deadline: Deadline | null;
  readonly #now: () => number;
  readonly #begunMs: number;
  #done = 0;

  /** `total`: ranges to walk. Without a deadline it never throws. */
  constructor(total: number, deadline: Deadline | null, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#deadline = deadline;
    this.#now = now;
    this.#begunMs = now();
  }

  /** Must be called after each range. Throws the deadline's reason once the deadline cannot be met. */
  rangeDone(): void {
    this.#done += 1;
    if (!this.#deadline || this.#done < RANGES_BEFORE) return;
    const now = this.#now();
    const neededMs = ((this.#total - this.#done) * (now - this.#begunMs)) / this.#done;
    if (neededMs > DOUBT * (this.#deadline.atMs - now)) throw this.#deadline.reason();
  }
}
