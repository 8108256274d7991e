// Whether the background pipeline needs an engineer. A fault that ends by itself within minutes does not count, nor
// does one that leaves the derived data of sessions as it should be.
import {
  AGGREGATE_HOUR,
  AGGREGATE_SESSION,
  EXTEND_ACCOUNT_LOG,
  MAKE_REPORT,
  STORE_ROOT,
} from '../../../shared/queues/jobs.ts';
import type { Queues } from '../../../shared/queues/queues.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { PipelineView } from '../../http/pipeline-view.ts';
import { findOldest, type Oldest, type OldestDeps } from './find-oldest.ts';
import type { HealthResponse } from './schema.ts';

export type PipelineHealth = Pick<HealthResponse['components'], 'queue' | 'pipeline'>;

/** The pipeline follows a change in seconds; the sweep, once a minute, finds changes that were missed. */
export const LONGEST_LAG_MS = 5 * 60_000;

/**
 * The jobs that count as failed. A failed job of these is removed once its work is done, so one that is there means
 * that work is left. A failed sweep or drift check is kept for a week, although the next one does its work.
 */
const FOLLOWED = [AGGREGATE_SESSION, STORE_ROOT, AGGREGATE_HOUR].map(({ name }) => name);

export async function judgePipeline(
  { pipeline, ...deps }: Pick<ApiDeps, 'pipeline'> & OldestDeps,
  deadlineMs: number,
): Promise<PipelineHealth> {
  if (pipeline === null) return { queue: 'not configured', pipeline: 'not configured' };
  const [found, oldest] = await Promise.allSettled([
    pipeline.within(deadlineMs, () => look(pipeline)),
    findOldest(deps, deadlineMs),
  ]);
  if (found.status === 'rejected') {
    return { queue: 'unavailable', pipeline: 'unavailable: Redis does not answer' };
  }
  if (oldest.status === 'rejected') {
    return { queue: judgeQueue(found.value), pipeline: 'unavailable: the database does not answer in time' };
  }
  const why = findFault(found.value, oldest.value);
  return { queue: judgeQueue(found.value), pipeline: why === null ? 'ok' : `behind: ${why}` };
}

type Found = Readonly<{
  fault: string | null;
  idle: readonly string[];
  paused: readonly string[];
  failed: number;
  /** When the job was added that has waited longest to extend an account log; null where none waits. */
  oldestExtension: Date | null;
}>;

function judgeQueue({ fault }: Found): PipelineHealth['queue'] {
  return fault === null ? 'ok' : `degraded: ${fault}`;
}

async function look(pipeline: PipelineView): Promise<Found> {
  const { queues } = pipeline;
  const [fault, idle, paused, jobs, oldestExtension] = await Promise.all([
    pipeline.findFault(),
    listIdle(queues),
    listPaused(queues),
    queues.counts(),
    findOldestJob(queues, EXTEND_ACCOUNT_LOG.name),
  ]);
  return {
    fault,
    idle,
    paused,
    oldestExtension,
    failed: FOLLOWED.reduce((sum, name) => sum + (jobs.get(name)?.failed ?? 0), 0),
  };
}

/** The queues that no worker is connected to, by name. */
export async function listIdle({ all }: Pick<Queues, 'all'>): Promise<readonly string[]> {
  const workers = await Promise.all(all.map((queue) => queue.getWorkersCount()));
  return all.filter((_, i) => workers[i] === 0).map(({ name }) => name);
}

/** The queues that an operator, or whoever writes to Redis, has paused, by name: no worker takes their jobs. */
export async function listPaused({ all }: Pick<Queues, 'all'>): Promise<readonly string[]> {
  const paused = await Promise.all(all.map((queue) => queue.isPaused()));
  return all.filter((_, i) => paused[i]).map(({ name }) => name);
}

/** When the job was added that has waited longest in a queue, whatever keeps it there; null where none waits. */
async function findOldestJob({ all }: Pick<Queues, 'all'>, name: string): Promise<Date | null> {
  const queue = all.find((each) => each.name === name);
  const [job] = (await queue?.getJobs(['waiting', 'prioritized'], 0, 0, true)) ?? [];
  return job ? new Date(job.timestamp) : null;
}

function findFault({ idle, paused, failed, oldestExtension }: Found, oldest: Oldest): string | null {
  if (idle.length > 0) return `no worker is connected to ${idle.join(', ')}`;
  if (paused.length > 0)
    return `${paused.join(', ')} ${paused.length === 1 ? 'is' : 'are'} paused: resume ${paused.length === 1 ? 'it' : 'them'} in /admin/queues`;
  const changed = minutes(oldest.change);
  if (changed !== null) return `a change has waited for ${changed} minutes`;
  const extended = minutes(oldest.entry) ?? minutes(oldestExtension);
  if (extended !== null)
    return `an account log has waited for ${extended} minutes to be extended: ${lookAt(EXTEND_ACCOUNT_LOG)}`;
  const ordered = minutes(oldest.report);
  if (ordered !== null)
    return `a report has waited for ${ordered} minutes to be made: ${lookAt(MAKE_REPORT)}`;
  if (failed > 0) return `${failed} ${failed === 1 ? 'job' : 'jobs'} failed for good`;
  return null;
}

/** How long something has waited; null while that is not too long. */
function minutes(since: Date | null): number | null {
  const lagMs = since === null ? 0 : Date.now() - since.getTime();
  return lagMs > LONGEST_LAG_MS ? Math.floor(lagMs / 60_000) : null;
}

/** The workers put their queues right each minute, and log what they found. */
function lookAt({ name }: Readonly<{ name: string }>): string {
  return `see ${name} in /admin/queues and the log of the workers, whose lines of this job say why. Where there are none, start them again`;
}
