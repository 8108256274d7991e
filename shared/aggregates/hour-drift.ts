// Whether an hour's sum is that of its sessions, while others may be writing both.
import { isDeepStrictEqual } from 'node:util';
import type { EndedSession } from '../sessions/session-sums.ts';
import { HOUR_MS } from '../time/durations.ts';
import type { HourPlace } from './hour-repository.ts';
import { type HourSums, sumHour } from './hour-sum.ts';
import type { SumSources } from './read-sums.ts';

/** A sum that is not that of its sessions. */
export type HourDrift = Readonly<{
  /** False where there is no row. */
  isStored: boolean;
  /** Null where there is no row, and where it is damaged. */
  stored: HourSums | null;
  /** Of the sessions. */
  sums: HourSums;
  /** Nothing is due for any of the sessions. Otherwise the sum may lag behind them; it never holds more than there are. */
  isSettled: boolean;
}>;

/**
 * Compares an hour's sum with its sessions. Null where they agree, and where the hour was summed again meanwhile: then the
 * difference says nothing. Rejects with the driver's error when the database is away.
 */
export async function findHourDrift(
  { hours, sessionSums }: SumSources,
  { accountId, agentId, hour }: HourPlace,
): Promise<HourDrift | null> {
  const seen = await hours.find(accountId, agentId, hour);
  const range = { since: hour, until: new Date(hour.getTime() + HOUR_MS) };
  const sessions: EndedSession[] = [];
  for await (const session of sessionSums.readEnded(accountId, [range], agentId)) sessions.push(session);
  const sums = sumHour(sessions);
  if (seen ? isDeepStrictEqual(seen.sums, sums) : sessions.length === 0) return null;
  const again = await hours.find(accountId, agentId, hour);
  if (!isDeepStrictEqual(again?.version, seen?.version)) return null;
  const isSettled = sessions.every(({ stage }) => stage === 'done');
  return { isStored: seen !== null, stored: seen?.sums ?? null, sums, isSettled };
}
