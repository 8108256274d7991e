// Counts of the pipeline's findings, kept in Redis: every worker adds to them, and the API serves them as metrics.
import type { Redis } from 'ioredis';
import { queuePrefix } from './queue-prefix.ts';

const COUNTERS = [
  'logs_found_failed',
  'drift_found',
  'roots_stored',
  'sessions_swept',
  'log_entries_appended',
  'account_log_findings',
  'webhook_attempts_delivered',
  'webhook_attempts_failed',
  'webhook_messages_dead',
] as const;
/** One of the counters that all processes share. */
export type CounterName = (typeof COUNTERS)[number];

/**
 * Totals in Redis, to which all processes add. They start at 0 again when Redis loses its data, as a Prometheus counter
 * may. Both methods reject with ioredis's error when Redis does not answer.
 */
export type Counters = Readonly<{
  add(name: CounterName, by?: number): Promise<void>;
  read(): Promise<Readonly<Record<CounterName, number>>>;
}>;

/** The counters of one deployment. The name of its database tells it from other deployments on the same Redis. */
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
