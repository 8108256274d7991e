// Whether a walk will be done in time, going by its pace so far: a caller who would wait in vain hears so early.

export type Deadline = Readonly<{
  /** On the clock of `performance.now()`. */
  atMs: number;
  /** What the caller is told. Made when it is needed: a stack costs a twentieth of a millisecond. */
  reason: () => Error;
}>;

/** The first ranges tell too little: threads are cold, and others may only just have left. */
const RANGES_BEFORE = 8;
/** A pace may double once others have been served. */
const DOUBT = 2;

export class Forecast {
  readonly #total: number;
  readonly #deadline: Deadline | null;
  readonly #now: () => number;
  readonly #begunMs: number;
  #done = 0;

  /** `total`: ranges to be walked. Without a deadline nothing is ever late. */
  constructor(total: number, deadline: Deadline | null, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#deadline = deadline;
    this.#now = now;
    this.#begunMs = now();
  }

  /** To be called after each range. Throws the deadline's reason once it is clear that it cannot be kept. */
  rangeDone(): void {
    this.#done += 1;
    if (!this.#deadline || this.#done < RANGES_BEFORE) return;
    const now = this.#now();
    const neededMs = ((this.#total - this.#done) * (now - this.#begunMs)) / this.#done;
    if (neededMs > DOUBT * (this.#deadline.atMs - now)) throw this.#deadline.reason();
  }
}
