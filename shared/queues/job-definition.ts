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
}>;

/** Infers the payload's type from its schema. */
export function defineJob<P>(definition: JobDefinition<P>): JobDefinition<P> {
  return definition;
}
