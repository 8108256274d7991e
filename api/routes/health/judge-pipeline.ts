// Whether the background pipeline is well, as somebody who is called at night for it would put it. What heals by
// itself within minutes, or says nothing of the sessions' state, is not held against it.
import { AGGREGATE_HOUR, AGGREGATE_SESSION, STORE_ROOT } from '../../../shared/queues/jobs.ts';
import type { Queues } from '../../../shared/queues/queues.ts';
import type { ApiDeps } from '../../http/context.ts';
import { unlessAborted } from '../../http/request-signal.ts';
import type { HealthResponse } from './schema.ts';

export type PipelineHealth = Pick<HealthResponse['components'], 'queue' | 'pipeline'>;

/** Changes are followed in seconds; the sweep, once a minute, finds those that were missed. */
const LONGEST_LAG_MS = 5 * 60_000;

/**
 * The jobs whose failure means that something is still to be done: once it was, theirs are gone. A sweep or a check
 * for drift that failed is kept for a week, though the next one made up for it.
 */
const FOLLOWED = [AGGREGATE_SESSION, STORE_ROOT, AGGREGATE_HOUR].map(({ name }) => name);

export async function judgePipeline(
  { pipeline, work }: Pick<ApiDeps, 'pipeline' | 'work'>,
  deadlineMs: number,
): Promise<PipelineHealth> {
  if (pipeline === null) return { queue: 'not configured', pipeline: 'not configured' };
  const [found, oldest] = await Promise.allSettled([
    pipeline.within(deadlineMs, () => look(pipeline.queues)),
    unlessAborted(AbortSignal.timeout(deadlineMs), work.findOldestChange()),
  ]);
  if (found.status === 'rejected') {
    return { queue: 'unavailable', pipeline: 'unavailable: Redis does not answer' };
  }
  if (oldest.status === 'rejected') {
    return { queue: 'ok', pipeline: 'unavailable: the database does not answer' };
  }
  const why = findFault(found.value, oldest.value);
  return { queue: 'ok', pipeline: why === null ? 'ok' : `behind: ${why}` };
}

type Found = Readonly<{ idle: readonly string[]; failed: number }>;

async function look({ all, counts }: Queues): Promise<Found> {
  const [workers, jobs] = await Promise.all([
    Promise.all(all.map((queue) => queue.getWorkersCount())),
    counts(),
  ]);
  return {
    idle: all.filter((_, i) => workers[i] === 0).map(({ name }) => name),
    failed: FOLLOWED.reduce((sum, name) => sum + (jobs.get(name)?.failed ?? 0), 0),
  };
}

function findFault({ idle, failed }: Found, oldest: Date | null): string | null {
  if (idle.length > 0) return `no worker is connected to ${idle.join(', ')}`;
  const lagMs = oldest === null ? 0 : Date.now() - oldest.getTime();
  if (lagMs > LONGEST_LAG_MS) return `a change has waited for ${Math.floor(lagMs / 60_000)} minutes`;
  if (failed > 0) return `${failed} ${failed === 1 ? 'job' : 'jobs'} failed for good`;
  return null;
}
