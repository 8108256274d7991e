// Brings one agent's hour up to its sessions. It may run twice, at two workers at once, and die between any two writes.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../errors/app-error.ts';
import type { EndedSession, SessionSumRepository } from '../sessions/session-sums.ts';
import type { HourRepository } from './hour-repository.ts';
import { floorHour, HOUR_MS, sumHour } from './hour-sum.ts';

/** Where sums come from. */
export type SumSources = Readonly<{ hours: HourRepository; sessionSums: SessionSumRepository }>;

/** A race is lost only to a worker who wrote, so that many in a row mean that something is wrong. */
const ATTEMPTS = 30;
/** Losers wait a little, and not all the same. */
const PAUSE_MS = 5;

/**
 * Sums the hour, writes it, and settles the sessions that the row now holds. `unchanged`: there was nothing to write.
 * `hour` is the start of a UTC hour. Throws `unavailable` when other writers were first again and again.
 *
 * Why a settled session is in the row for good: the version is read before the sessions, so whoever writes the next
 * version has seen every session at least as it was when this version was written, and this one is settled only if it
 * still is as it was then. Therefore sums that look the same are written all the same when there is anything to settle:
 * a slower worker who read earlier must lose its race.
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
