// Measures whether large reports leave room for others: the wait of a small one behind ten large ones, against the time
// of one range, and the time until the threads are free when large ones are cancelled.
import { setTimeout as sleep } from 'node:timers/promises';
import { RANGE_SIZE } from '../../workers/logs/walk-plan.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';
import type { BenchContext } from './context.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import { openPool } from './open-pool.ts';
import { type StoredLog, storeLog } from './stored-log.ts';

const SMALL = 100;
const CROWD = 10;
/** By then every thread is in the middle of a range. */
const UNDER_WAY_MS = 60;
const POLL_MS = 1;

export type TurnRounds = Readonly<{
  rounds: number;
  /** Entries of a large log. */
  large: number;
}>;

export async function measureTurns(
  { rounds, large: largeSize }: TurnRounds,
  context: BenchContext,
): Promise<Measurement[]> {
  const { say, signal } = context;
  const { db, ...place } = await context.database();
  say(`Turns: writing logs of ${largeSize}, ${RANGE_SIZE} and ${SMALL} entries …`);
  const large = await storeLog(db, largeSize, signal);
  // One entry short of a second range.
  const range = await storeLog(db, RANGE_SIZE - 1, signal);
  const small = await storeLog(db, SMALL, signal);

  await using pool = await openPool(place, 2);
  const [waits, ranges, freed]: [number[], number[], number[]] = [[], [], []];
  for (let round = -1; round < rounds; round += 1) {
    signal.throwIfAborted();
    const rangeMs = await timeWalk(pool, range);
    const aloneMs = await timeWalk(pool, small);
    const crowd = startCrowd(pool, large);
    await sleep(UNDER_WAY_MS);
    const behindMs = await timeWalk(pool, small);
    const freedMs = await crowd.cancel();
    if (round < 0) continue;
    ranges.push(rangeMs);
    waits.push(Math.max(0, behindMs - aloneMs) / rangeMs);
    freed.push(freedMs);
  }
  return [
    {
      id: 'turns.range',
      label: `a range of ${RANGE_SIZE.toLocaleString('en-US')} entries, alone`,
      unit: 'ms',
      result: spreadOf(ranges),
      target: null,
    },
    {
      id: 'turns.wait',
      label: `wait of a report of ${SMALL} entries behind ${CROWD} of ${largeSize.toLocaleString('en-US')}, to a range`,
      unit: 'times',
      result: spreadOf(waits),
      target: { atMost: 1 },
    },
    {
      id: 'turns.cancelled',
      label: `time until the threads are free when ${CROWD} reports are cancelled`,
      unit: 'ms',
      result: spreadOf(freed),
      target: { atMost: 100 },
    },
  ];
}

async function timeWalk(pool: ReportPool, log: StoredLog): Promise<number> {
  const begin = performance.now();
  const evidence = await pool.verifySession(log, { signal: new AbortController().signal });
  if (evidence?.verdict.status !== 'verified') throw new Error('A log to walk was not verified');
  return performance.now() - begin;
}

function startCrowd(pool: ReportPool, log: StoredLog): { cancel(): Promise<number> } {
  const abandoned = new AbortController();
  const { signal } = abandoned;
  const walks = Array.from({ length: CROWD }, () => pool.verifySession(log, { signal }).catch(() => {}));
  return {
    async cancel() {
      const begin = performance.now();
      abandoned.abort();
      while (pool.stats().running > 0) await sleep(POLL_MS);
      const took = performance.now() - begin;
      await Promise.all(walks);
      return took;
    },
  };
}
