// What stays wrong is found again by each request and each run of a job. A line of the log says it once an hour.
import { HOUR_MS } from './durations.ts';

/** Subjects remembered. Whoever writes to the database can make as many as they like. */
const AT_MOST = 10_000;

/**
 * Whether to tell of a subject now: not within an hour after it was told. The oldest of more than 10,000 subjects is
 * forgotten. `now`: milliseconds of a clock that is never set back.
 */
export function createReminder(now: () => number = () => performance.now()): (subject: string) => boolean {
  const toldMs = new Map<string, number>();
  return (subject) => {
    const atMs = now();
    const beforeMs = toldMs.get(subject);
    if (beforeMs !== undefined && atMs - beforeMs < HOUR_MS) return false;
    toldMs.delete(subject);
    toldMs.set(subject, atMs);
    const [oldest] = toldMs.keys();
    if (toldMs.size > AT_MOST && oldest !== undefined) toldMs.delete(oldest);
    return true;
  };
}
