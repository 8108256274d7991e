import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import { AGGREGATE_HOUR, SEAL_SESSION } from '../../shared/queues/jobs.ts';
import { sealRoot } from '../derived/seal-root.ts';
import { passOn } from './aggregate-session.ts';
import { countWrong } from './count-wrong.ts';
import type { Job } from './job.ts';

export const sealSession: Job<{ accountId: string; sessionId: string }> = {
  definition: SEAL_SESSION,
  concurrency: 4,
  perSecond: 100,
  async handle({ accountId, sessionId }, deps, signal) {
    const work = await deps.work.find(accountId, sessionId);
    if (!work) return 'no session';
    const outcome = await sealRoot(deps, work, signal);
    if (outcome.kind === 'changed') return 'changed meanwhile';
    if (outcome.kind === 'sealed') {
      await deps.counters.add('sessions_sealed');
      const { agentId, startedAt } = work.session;
      await deps.queues.add(AGGREGATE_HOUR, { accountId, agentId, hourMs: floorHour(startedAt.getTime()) });
      return 'sealed';
    }
    if (outcome.kind === 'refused') await countWrong(deps, outcome.verdict, work);
    return await passOn(deps, work, false);
  },
};
