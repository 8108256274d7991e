// Brings the sum of one agent's hour up to its sessions. The job may run twice or on two workers at once, and its
// worker may die between any two writes.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type FoundHour, HOURS, hourId } from '../../shared/aggregates/hour-repository.ts';
import { floorHour, sumHour } from '../../shared/aggregates/hour-sum.ts';
import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { AGGREGATE_HOUR } from '../../shared/queues/jobs.ts';
import type { EndedSession } from '../../shared/sessions/session-sums.ts';
import { HOUR_MS } from '../../shared/time/durations.ts';
import type { Job } from './job.ts';

export const aggregateHourJob: Job<{ accountId: string; agentId: string; hourMs: number }> = {
  definition: AGGREGATE_HOUR,
  concurrency: 4,
  handle: ({ accountId, agentId, hourMs }, deps) => aggregateHour(deps, accountId, agentId, new Date(hourMs)),
};

/** Each lost race means that another worker wrote, so many in a row point to a fault. */
const ATTEMPTS = 30;
/** The pause after a lost race, random so that two workers do not meet again. */
const PAUSE_MS = 5;

/**
 * Sums the hour, writes it, and settles the sessions that the row now holds. `unchanged`: there was nothing to write.
 * `hour` is the start of a UTC hour. Throws `unavailable` when other writers were first again and again, and
 * `internal_error`, which names the row, where the row takes no write although nobody else writes it.
 *
 * Invariant: a settled session is in every later version of the row. (1) Read version v. (2) Read the sessions.
 * (3) Replace v by v + 1 by compare-and-swap. (4) Settle only sessions that are as they were in (2). Equal sums are
 * written too when there is a session to settle, so that the swap of a slower worker fails.
 */
export async function aggregateHour(
  { hours, sessionSums }: SumSources,
  accountId: string,
  agentId: string,
  hour: Date,
): Promise<'written' | 'unchanged'> {
  if (floorHour(hour.getTime()) !== hour.getTime()) throw new RangeError('An hour is named by its start');
  const range = { since: hour, until: new Date(hour.getTime() + HOUR_MS) };
  let first: FoundHour | null = null;
  let seen: FoundHour | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    seen = await hours.find(accountId, agentId, hour);
    if (attempt === 0) first = seen;
    const sessions: EndedSession[] = [];
    for await (const session of sessionSums.readEnded(accountId, [range], agentId)) sessions.push(session);
    if (!seen && sessions.length === 0) return 'unchanged';

    const sums = sumHour(sessions);
    const counted = sessions.filter(({ stage }) => stage === 'counted');
    if (counted.length === 0 && isDeepStrictEqual(seen?.sums, sums)) return 'unchanged';
    if (!(await hours.replace(accountId, agentId, hour, sums, seen))) {
      await sleep(Math.random() * PAUSE_MS * attempt);
      continue;
    }
    await sessionSums.settle(accountId, counted);
    return 'written';
  }
  const row = `${HOURS} ${hourId(accountId, agentId, hour)}`;
  throw isDeepStrictEqual(first, seen)
    ? new AppError(
        'internal_error',
        `The row ${row} takes no write: remove it, and its hour is summed again.`,
      )
    : new AppError('unavailable', `Other workers kept writing ${row}: it is summed again later.`);
}
