// Loaded before the API into its process: answers every message with how late the event loop has been since the last.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import type { LoopDelay } from './bench-api.ts';

/** The timer that is watched. What is recorded is the time between two of its turns, so this much is no delay. */
const RESOLUTION_MS = 2;

// The threads load it as well.
if (isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const toMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.on('message', () => {
    const { max: most } = delays;
    const delay: LoopDelay = {
      p50Ms: toMs(delays.percentile(50)),
      p99Ms: toMs(delays.percentile(99)),
      maxMs: toMs(most),
    };
    delays.reset();
    process.send?.(delay);
  });
}
