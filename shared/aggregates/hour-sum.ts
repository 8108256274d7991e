// One agent's UTC hour, summed from the sessions that started in it and have ended.
import { hash } from 'node:crypto';
import type { EndedSession } from '../sessions/session-sums.ts';
import { type Sums, SumsBuilder, sumsOfSession } from './sums.ts';

export const HOUR_MS = 3_600_000;

export type HourSums = Sums &
  Readonly<{
    /** SHA-256 hex over the sorted ids of the sessions, each with the last `seq` counted: what it was made from. */
    throughHex: string;
  }>;

/** Sessions in any order, each once; none gives zeros. */
export function sumHour(sessions: readonly EndedSession[]): HourSums {
  const builder = new SumsBuilder();
  for (const session of sessions) builder.add(sumsOfSession(session));
  const through = sessions.map(({ id, aggregate }) => `${id} ${aggregate.throughSeq}\n`).sort();
  return { ...builder.total(), throughHex: hash('sha256', through.join(''), 'hex') };
}

/** The start of the UTC hour that a time (Unix milliseconds) lies in. */
export function floorHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

export function ceilHour(ms: number): number {
  return Math.ceil(ms / HOUR_MS) * HOUR_MS;
}
