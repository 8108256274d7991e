// BullMQ asks for the next job again at once after Redis refused to hand one out: thousands of times a second, for as long
// as Redis takes no writes.
import type { Worker } from 'bullmq';
import { MINUTE_MS, SECOND_MS } from '../../shared/time/durations.ts';

const LONGEST_MS = MINUTE_MS / 2;

/**
 * Rests a worker after an error: a second at first, twice as long after each further one, half a minute at most. A job
 * that it gets ends that. Returns what to call at each error. Jobs that run go on. `goOn` resumes the worker where it may.
 */
export function restAfterRefusals(worker: Worker, goOn: () => void): () => void {
  let restMs = SECOND_MS;
  let isResting = false;
  worker.on('active', () => {
    restMs = SECOND_MS;
  });
  return () => {
    if (isResting || worker.closing) return;
    isResting = true;
    void worker.pause(true);
    const end = () => {
      isResting = false;
      goOn();
    };
    setTimeout(end, restMs).unref();
    restMs = Math.min(LONGEST_MS, 2 * restMs);
  };
}
