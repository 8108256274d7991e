import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import { AGGREGATE_HOUR, AGGREGATE_SESSION, STORE_ROOT } from '../../shared/queues/jobs.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import { countSession } from '../derived/count-session.ts';
import { countWrong } from './count-wrong.ts';
import type { Job, JobDeps } from './job.ts';

export const aggregateSession: Job<{ accountId: string; sessionId: string }> = {
  definition: AGGREGATE_SESSION,
  concurrency: 8,
  async handle({ accountId, sessionId }, deps, signal) {
    const outcome = await countSession(deps, accountId, sessionId, signal);
    if (outcome.kind === 'no_session') return 'no session';
    if (outcome.kind === 'not_counted') await countWrong(deps, outcome.verdict, outcome.work);
    return await passOn(deps, outcome.work, outcome.kind === 'current');
  },
};

/** To its root, where an ended session lacks one that it can have, else to its hour. */
export async function passOn(deps: JobDeps, work: SessionSnapshot, canHaveRoot: boolean): Promise<string> {
  const { accountId, id: sessionId, agentId, startedAt, endedAt, merkleRootHex } = work.session;
  if (canHaveRoot && endedAt !== null && merkleRootHex === null) {
    await deps.queues.add(STORE_ROOT, { accountId, sessionId });
    return 'root to be stored';
  }
  if (!(await deps.sessions.finishSession(accountId, work))) return 'changed meanwhile';
  if (endedAt === null) return 'open';
  await deps.queues.add(AGGREGATE_HOUR, { accountId, agentId, hourMs: floorHour(startedAt.getTime()) });
  return 'counted';
}
