// The definition of a kind of job: its queue, its payload, and the id by which two jobs are the same.
import type { z } from 'zod';

/** One kind of job: its queue, its payload, and the id that makes two jobs the same. */
export type JobDefinition<P> = Readonly<{
  /** Name of the queue and of its jobs. */
  name: string;
  /** Ids and times only: Redis and the dashboard show payloads. */
  payload: z.ZodType<P>;
  /** Equal for jobs that do the same work: while one waits or runs, another is not added. Holds no `:`. */
  id(payload: P): string;
  /** Milliseconds that a job waits for others with its id, which it then stands for. */
  delayMs?: number;
}>;

/** Infers the payload's type from its schema. */
export function defineJob<P>(definition: JobDefinition<P>): JobDefinition<P> {
  return definition;
}
