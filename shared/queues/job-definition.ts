// What a job is: the queue it has for itself, what it is told, and the id that makes two of the same one.
import type { z } from 'zod';

/** One kind of job: its queue, its payload, and the id that makes two jobs the same. */
export type JobDefinition<P> = Readonly<{
  /** Of the queue and of its jobs. */
  name: string;
  /** Ids and times only: what a job is told stands in Redis and in the dashboard. */
  payload: z.ZodType<P>;
  /** The same for jobs that do the same: while one waits or runs, another is not added. No `:`. */
  id(payload: P): string;
  /** How long it waits for more of the same, which it then does at once. */
  delayMs?: number;
}>;

/** Infers the payload's type from its schema. */
export function defineJob<P>(definition: JobDefinition<P>): JobDefinition<P> {
  return definition;
}
