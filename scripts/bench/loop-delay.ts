// A module that the API's process loads first. Answers each message with the event loop's delay since the last one.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import type { LoopDelay } from './bench-api.ts';

/** The period of the watched timer. Node records the time between two of its turns, of which this much is no delay. */
const RESOLUTION_MS = 2;

// The API's threads load this module as well.
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
