// One agent's UTC hour, summed from the sessions that started in it and have ended.
import { hash } from 'node:crypto';
import type { EndedSession } from '../sessions/session-sums.ts';
import { HOUR_MS } from '../time/durations.ts';
import { type Sums, SumsBuilder, sumsOfSession } from './sums.ts';

/** The sums of one agent over one UTC hour. */
export type HourSums = Sums &
  Readonly<{
    /** SHA-256 hex over the sorted ids of the sessions summed, each with the last `seq` that was counted. */
    throughHex: string;
  }>;

/** The sums of an hour's sessions, given in any order, each once. No sessions give zeros. */
export function sumHour(sessions: readonly EndedSession[]): HourSums {
  const builder = new SumsBuilder();
  for (const session of sessions) builder.add(sumsOfSession(session));
  const through = sessions.map(({ id, aggregate }) => `${id} ${aggregate.throughSeq}\n`).sort();
  return { ...builder.total(), throughHex: hash('sha256', through.join(''), 'hex') };
}

/** The start of the UTC hour that a time lies in; both in Unix milliseconds. */
export function floorHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

/** The start of the first UTC hour that begins at or after a time; both in Unix milliseconds. */
export function ceilHour(ms: number): number {
  return Math.ceil(ms / HOUR_MS) * HOUR_MS;
}
