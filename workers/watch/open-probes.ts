// The port of the workers for probes and Prometheus. It listens before MongoDB and Redis answer, so that a process
// which waits for them is live, and not ready.
import { showMetrics } from '../../shared/metrics/show-metrics.ts';
import { listenPlain, type PlainServer, plainHealth } from '../../shared/process/plain-server.ts';
import { registerServices, type WorkerMetrics } from './worker-metrics.ts';

export type ProbedServices = Readonly<{
  /** Whether each answers within the milliseconds. Never rejects; false while it is not connected yet. */
  mongodb(deadlineMs: number): Promise<boolean>;
  redis(deadlineMs: number): Promise<boolean>;
  /** Whether the workers take jobs. */
  isWorking(): boolean;
  stopping: AbortSignal;
}>;

/** Short, so that a probe hears the answer before it gives up by itself. */
const DEADLINE_MS = 900;

export function openProbes(
  place: Readonly<{ port: number; host: string }>,
  metrics: WorkerMetrics,
  { mongodb, redis, isWorking, stopping }: ProbedServices,
): Promise<PlainServer> {
  registerServices(metrics, { mongodb: () => mongodb(DEADLINE_MS), redis: () => redis(DEADLINE_MS) });
  const isReady = async () => {
    const answers = await Promise.all([mongodb(DEADLINE_MS), redis(DEADLINE_MS)]);
    return isWorking() && answers.every(Boolean);
  };
  return listenPlain(
    { ...place, setting: 'WORKERS_PORT' },
    {
      '/health/live': async () => plainHealth('ok'),
      '/health/ready': async () => {
        if (stopping.aborted) return plainHealth('stopping');
        return plainHealth((await isReady()) ? 'ok' : 'unavailable');
      },
      '/metrics': () => showMetrics(metrics.registry),
    },
  );
}
