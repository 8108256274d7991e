// How a test waits for what happens by itself.
import { setTimeout as sleep } from 'node:timers/promises';

export type Wait = Readonly<{ deadlineMs?: number; everyMs?: number }>;

/** Bounds a hang and proves nothing: no machine that works is this slow. */
const DEADLINE_MS = 90_000;
const EVERY_MS = 20;

/**
 * Resolves once `check` passes: it throws nothing and returns (or resolves to) anything but false. Asks at once, and again `everyMs` after
 * each answer. `until` says what is waited for, as a clause ("the log has a root"). Rejects at the deadline with that
 * clause, and with the check's last error as the cause, even where the check itself hangs.
 */
export async function eventually(
  until: string,
  check: () => unknown,
  { deadlineMs = DEADLINE_MS, everyMs = EVERY_MS }: Wait = {},
): Promise<void> {
  let cause: unknown;
  const over = new AbortController();
  const tryAgain = async () => {
    while (!over.signal.aborted) {
      try {
        if ((await check()) !== false) return true;
        cause = undefined;
      } catch (error) {
        cause = error;
      }
      await sleep(everyMs);
    }
    return false;
  };
  const late = sleep(deadlineMs, false, { signal: over.signal }).catch(() => false);
  const passed = await Promise.race([tryAgain(), late]);
  over.abort();
  if (!passed) throw new Error(`Waited ${deadlineMs / 1000} s in vain until ${until}`, { cause });
}
