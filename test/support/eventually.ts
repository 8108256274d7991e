// How a test waits for what happens by itself.
import { setTimeout as sleep } from 'node:timers/promises';

export type Wait = Readonly<{
  deadlineMs?: number;
  /** A steady pace, for what is seen only for a moment. */
  everyMs?: number;
}>;

/** Bounds a hang and proves nothing: no machine that works is this slow. */
const DEADLINE_MS = 90_000;
const [SHORTEST_MS, LONGEST_MS] = [10, 250];
/** Of the time that was waited: what is waited for needs the processor that a check takes. */
const PAUSE = 0.2;

/**
 * Resolves once `check` passes: it throws nothing and returns (or resolves to) anything but false. Asks at once, and again
 * after each answer, the later the longer it waits. `until` says what is waited for, as a clause ("the log has a root"). Rejects at the deadline with that
 * clause, and with the check's last error as the cause, even where the check itself hangs.
 */
export async function eventually(
  until: string,
  check: () => unknown,
  { deadlineMs = DEADLINE_MS, everyMs }: Wait = {},
): Promise<void> {
  let cause: unknown;
  const begunMs = performance.now();
  const pauseMs = () =>
    everyMs ?? Math.min(Math.max((performance.now() - begunMs) * PAUSE, SHORTEST_MS), LONGEST_MS);
  const over = new AbortController();
  const tryAgain = async () => {
    while (!over.signal.aborted) {
      try {
        if ((await check()) !== false) return true;
        cause = undefined;
      } catch (error) {
        cause = error;
      }
      await sleep(pauseMs());
    }
    return false;
  };
  const late = sleep(deadlineMs, false, { signal: over.signal }).catch(() => false);
  const passed = await Promise.race([tryAgain(), late]);
  over.abort();
  if (!passed) throw new Error(`Waited ${deadlineMs / 1000} s in vain until ${until}`, { cause });
}
