import type { z } from 'zod';

/** One kind of job: its queue, its payload, and the id by which jobs that do the same work are deduplicated. */
export type JobDefinition<P> = Readonly<{
  /** Name of the queue and of its jobs. */
  name: string;
  /** Ids and times only: Redis and the dashboard show payloads. */
  payload: z.ZodType<P>;
  /** Deduplication id: while a job with this id waits or runs, no other is added. Holds no `:` (BullMQ). */
  id(payload: P): string;
  /** Debounce, in milliseconds: the job waits so long before it runs, and later ones with its id collapse into it. */
  delayMs?: number;
  /**
   * Whose turn a job takes. Such jobs wait in turns: one of an account that has none waiting goes before the later ones of
   * an account that has many. Others wait in the order in which they were added.
   */
  takesTurnOf?(payload: P): string;
}>;

/** Infers the payload's type from its schema. */
export function defineJob<P>(definition: JobDefinition<P>): JobDefinition<P> {
  return definition;
}
