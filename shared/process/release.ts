// Releases the resources of a process: last in first out, once, within a deadline, at the first signal to stop.

/**
 * Closes one resource. It closes gracefully until `force` aborts. Then the deadline has passed, and it must give up
 * everything that it still waits for.
 */
export type Release = (force: AbortSignal) => void | Promise<void>;

/** Milliseconds that a release may take after `force` aborted. Then it is left behind. */
const FORCED_MS = 1_000;

/**
 * An `AsyncDisposableStack` for resources that may hang. All releases together have a deadline, after which `force`
 * aborts; a release that ignores `force` for one second is left behind. Every release runs, and the first error is
 * kept. `await using` releases the stack where its block ends.
 */
export class ReleaseStack implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #force = new AbortController();
  readonly #deadlineMs: number;
  readonly #errors: unknown[] = [];
  /** Releases of resources that arrived after the releasing began. */
  readonly #late: Promise<void>[] = [];
  #releasing: Promise<void> | null = null;
  #isReleased = false;

  /** `deadlineMs` is the time that all releases have together before they are forced; none by default. */
  constructor(deadlineMs = 0) {
    this.#deadlineMs = deadlineMs;
    // Registered first, so it runs last. The loop also awaits releases that are added while it waits.
    this.#stack.defer(async () => {
      for (const released of this.#late) await released;
      this.#isReleased = true;
    });
  }

  /**
   * Registers a release, right after its resource was acquired. A resource that arrives while the others are being
   * released is released at once; one that arrives after that is released at once, by force.
   */
  defer(release: Release): void {
    if (!this.#stack.disposed) this.#stack.defer(() => this.#run(release));
    else this.#late.push(this.#run(release));
  }

  /** Runs every release, then rejects with the first error, if any. Later calls return the first call's promise. */
  release(deadlineMs = this.#deadlineMs): Promise<void> {
    this.#releasing ??= this.#releaseAll(deadlineMs);
    return this.#releasing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #releaseAll(deadlineMs: number): Promise<void> {
    const deadline = setTimeout(() => this.#force.abort(), deadlineMs);
    await this.#stack.disposeAsync();
    clearTimeout(deadline);
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  async #run(release: Release): Promise<void> {
    const force = this.#isReleased ? AbortSignal.abort() : this.#force.signal;
    try {
      await settleUnlessForced(release, force);
    } catch (error) {
      this.#errors.push(error);
    }
  }
}

/** Waits for a release, but no longer than `FORCED_MS` after `force` aborts. */
async function settleUnlessForced(release: Release, force: AbortSignal): Promise<void> {
  const { promise: leftBehind, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const startTimer = () => {
    timer = setTimeout(resolve, FORCED_MS);
  };
  if (force.aborted) startTimer();
  else force.addEventListener('abort', startTimer, { once: true });
  try {
    await Promise.race([release(force), leftBehind]);
  } finally {
    force.removeEventListener('abort', startTimer);
    clearTimeout(timer);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` once, at the first SIGINT, SIGTERM or SIGHUP, or when the process that started this one over an IPC
 * channel is gone. Later signals change nothing: Ctrl-C in a terminal arrives several times, from the terminal and
 * from each parent that passes it on. Returns a function that removes the handlers.
 */
export function onShutdownSignal(stop: (reason: string) => void): () => void {
  let stopping = false;
  const stopOnce = (reason: string) => {
    if (stopping) return;
    stopping = true;
    stop(reason);
  };
  const onDisconnect = () => stopOnce('the parent process ended');

  for (const signal of SIGNALS) process.on(signal, stopOnce);
  if (process.channel) {
    process.on('disconnect', onDisconnect);
    // Listening must not keep a process alive that has finished its work.
    process.channel.unref();
  }
  return () => {
    for (const signal of SIGNALS) process.off(signal, stopOnce);
    process.off('disconnect', onDisconnect);
  };
}
