// Ending a process in order: what was acquired last is released first, once, and by one signal handler.

/**
 * Closes one resource. It starts gracefully; when `force` aborts, the deadline has passed and it must let go of
 * whatever it still waits for.
 */
export type Release = (force: AbortSignal) => void | Promise<void>;

export type ReleaseList = {
  /** Registers a release, right after its resource was acquired. Once all others are released, it runs at once, forced. */
  push(release: Release): void;
  /**
   * Runs every release, last in first out, whatever the others do. `deadlineMs` is what all of them have together
   * before `force` aborts. A second call gives the first one's promise. Rejects with the first error, after all ran.
   */
  release(deadlineMs: number): Promise<void>;
};

/** What a release may still take after `force` aborted, before it is left behind. */
const FORCED_MS = 1_000;

export function createReleaseList(): ReleaseList {
  const releases: Release[] = [];
  const force = new AbortController();
  let releasing: Promise<void> | null = null;
  let done = false;

  async function releaseAll(deadlineMs: number): Promise<void> {
    const deadline = setTimeout(() => force.abort(), deadlineMs);
    const errors: unknown[] = [];
    // Not a for-of loop: a resource that arrives while the others are being released joins the list.
    for (let release = releases.pop(); release !== undefined; release = releases.pop()) {
      await settleUnlessForced(release, force.signal).catch((error: unknown) => errors.push(error));
    }
    done = true;
    clearTimeout(deadline);
    if (errors.length > 0) throw errors[0];
  }

  return {
    push(release) {
      if (done) void settleUnlessForced(release, AbortSignal.abort()).catch(() => {});
      else releases.push(release);
    },
    release(deadlineMs) {
      releasing ??= releaseAll(deadlineMs);
      return releasing;
    },
  };
}

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
 * from each parent that passes it on. Returns a function that takes the handlers away.
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
