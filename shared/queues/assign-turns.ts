// The order of jobs that wait in turns, as BullMQ's priorities: of two jobs the one with the lower number goes first.
import type { Queue } from 'bullmq';
import type { JobDefinition } from './job-definition.ts';

/** BullMQ keeps 21 bits of a priority. */
const LAST_PRIORITY = 2 ** 21 - 1;

/** Waiting jobs that are looked at: more than all accounts of a deployment may order together at common limits. */
const LOOKED_AT = 1_000;

/**
 * A priority for each payload; null where jobs of this kind wait in the order in which they were added. The lowest waiting
 * priority is the present: a new job stands one place behind it, and one more for each job of its account that waits. The
 * present moves on as jobs are taken, so that the last of many is not overtaken for ever. Orders of the same moment may get
 * the same place. Rejects with ioredis's error when Redis is away.
 */
export async function assignTurns<P>(
  queue: Queue,
  { takesTurnOf }: JobDefinition<P>,
  payloads: readonly P[],
): Promise<number[] | null> {
  if (!takesTurnOf) return null;
  const waiting = await queue.getPrioritized(0, LOOKED_AT - 1);
  const present = waiting[0]?.priority ?? 0;
  const held = new Map<string, number>();
  const take = (payload: P): number => {
    const owner = takesTurnOf(payload);
    const before = held.get(owner) ?? 0;
    held.set(owner, before + 1);
    return before;
  };
  for (const { data } of waiting) take(data as P);
  return payloads.map((payload) => Math.min(present + 1 + take(payload), LAST_PRIORITY));
}
