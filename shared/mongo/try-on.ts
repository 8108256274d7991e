// Tries on while the database is away, for writers of evidence: an election passes by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { asStoreFailure, StoreFailure } from './store-failure.ts';

/** An election takes 12 s by MongoDB's defaults: 10 s until a member misses the primary, and the vote. */
export const TRY_ON_MS = 20_000;

const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** How long a writer goes on trying. Time counts from the first failure; progress forgets it. */
export class Patience {
  readonly #forMs: number;
  #untilMs: number | null = null;
  #waitMs = SHORTEST_WAIT_MS;

  /** `forMs`: milliseconds from a failure until the writer gives up. */
  constructor(forMs: number = TRY_ON_MS) {
    this.#forMs = forMs;
  }

  /** Waits a moment before the next try. Rejects with the error at once if it will not pass, or if the time is up. */
  async after(error: unknown): Promise<void> {
    if (!asStoreFailure(error)) throw error;
    const now = performance.now();
    this.#untilMs ??= now + this.#forMs;
    // Writers that failed together do not come back together.
    const waitMs = this.#waitMs * (0.5 + Math.random());
    if (now + waitMs > this.#untilMs) throw error;
    await sleep(waitMs);
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }

  /** Waits a moment for what a majority has to catch up with what the primary has. Rejects when the time is up. */
  async behind(): Promise<void> {
    await this.after(new StoreFailure('unavailable'));
  }

  /** Must be called when something was written. */
  progress(): void {
    this.#untilMs = null;
    this.#waitMs = SHORTEST_WAIT_MS;
  }
}

/**
 * The result of the work, which is run again while the database is away. A write in it may be stored although it
 * rejected, so the work has to be safe to run again. Rejects with the last error.
 */
export async function tryOn<T>(work: () => Promise<T>, patience: Patience = new Patience()): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await patience.after(error);
    }
  }
}
