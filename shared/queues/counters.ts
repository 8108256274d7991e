// Counts of what the pipeline found, kept in Redis: every worker adds to them and the API shows them. They start at 0
// again when Redis loses its data, as a Prometheus counter may.
import type { Redis } from 'ioredis';
import { queuePrefix } from './queues.ts';

const COUNTERS = ['logs_found_failed', 'drift_found', 'roots_stored', 'sessions_swept'] as const;
/** One of the counters that all processes share. */
export type CounterName = (typeof COUNTERS)[number];

/** Totals in Redis, added to by all processes. A total starts at 0 again when Redis loses its data. */
export type Counters = Readonly<{
  add(name: CounterName, by?: number): Promise<void>;
  read(): Promise<Readonly<Record<CounterName, number>>>;
}>;

/** The counters of one deployment: deployments that share a Redis have different databases. */
export function createCounters(redis: Redis, mongodbDb: string): Counters {
  const key = `${queuePrefix(mongodbDb)}:counters`;
  return {
    async add(name, by = 1) {
      await redis.hincrby(key, name, by);
    },
    async read() {
      const values = await redis.hmget(key, ...COUNTERS);
      return Object.fromEntries(COUNTERS.map((name, i) => [name, Number(values[i] ?? 0)])) as Record<
        CounterName,
        number
      >;
    },
  };
}
