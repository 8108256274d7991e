// Brings one agent's hour up to its sessions. It may run twice, at two workers at once, and die between any two writes.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { floorHour, HOUR_MS, sumHour } from '../../shared/aggregates/hour-sum.ts';
import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { AGGREGATE_HOUR } from '../../shared/queues/jobs.ts';
import type { EndedSession } from '../../shared/sessions/session-sums.ts';
import type { Job } from './job.ts';

export const aggregateHourJob: Job<{ accountId: string; agentId: string; hourMs: number }> = {
  definition: AGGREGATE_HOUR,
  concurrency: 4,
  handle: ({ accountId, agentId, hourMs }, deps) => aggregateHour(deps, accountId, agentId, new Date(hourMs)),
};

/** A race is lost only to a worker that wrote, so losing many in a row means that something is wrong. */
const ATTEMPTS = 30;
/** A loser waits a random time before it tries again, longer after each loss. */
const PAUSE_MS = 5;

/**
 * Sums the hour, writes it, and settles the sessions that the row now holds. `unchanged`: there was nothing to write.
 * `hour` is the start of a UTC hour. Throws `unavailable` when other writers were first again and again.
 *
 * Invariant: the sum of a settled session is in its hour's row, in this version and every later one.
 * (1) Reads the row's version v. (2) Reads the sessions. (3) Replaces version v by v + 1. (4) Settles only sessions that
 * have not changed since (2). Whoever writes a later version has read its sessions after version v + 1 was written, and
 * finds them at least as they were then. Writes equal sums too where there is a session to settle, so that a slower
 * worker, which read its sessions before, fails in (3).
 */
export async function aggregateHour(
  { hours, sessionSums }: SumSources,
  accountId: string,
  agentId: string,
  hour: Date,
): Promise<'written' | 'unchanged'> {
  if (floorHour(hour.getTime()) !== hour.getTime()) throw new RangeError('An hour is named by its start');
  const range = { since: hour, until: new Date(hour.getTime() + HOUR_MS) };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const seen = await hours.find(accountId, agentId, hour);
    const sessions: EndedSession[] = [];
    for await (const session of sessionSums.readEnded(accountId, [range], agentId)) sessions.push(session);
    if (!seen && sessions.length === 0) return 'unchanged';

    const sums = sumHour(sessions);
    const counted = sessions.filter(({ stage }) => stage === 'counted');
    if (counted.length === 0 && isDeepStrictEqual(seen?.sums, sums)) return 'unchanged';
    if (!(await hours.replace(accountId, agentId, hour, sums, seen?.version ?? null))) {
      await sleep(Math.random() * PAUSE_MS * attempt);
      continue;
    }
    await sessionSums.settle(accountId, counted);
    return 'written';
  }
  throw new AppError('unavailable', 'Other workers kept writing this hour: it will be summed again');
}
