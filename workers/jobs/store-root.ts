import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import { AGGREGATE_HOUR, STORE_ROOT } from '../../shared/queues/jobs.ts';
import { storeRoot } from '../derived/store-root.ts';
import { passOn } from './aggregate-session.ts';
import { countWrong } from './count-wrong.ts';
import type { Job } from './job.ts';

export const storeRootJob: Job<{ accountId: string; sessionId: string }> = {
  definition: STORE_ROOT,
  concurrency: 4,
  perSecond: 100,
  async handle({ accountId, sessionId }, deps, signal) {
    const work = await deps.sessions.findSnapshot(accountId, sessionId);
    if (!work) return 'no session';
    const outcome = await storeRoot(deps, work, signal);
    if (outcome.kind === 'changed') return 'changed meanwhile';
    if (outcome.kind === 'stored') {
      await deps.counters.add('roots_stored');
      const { agentId, startedAt } = work.session;
      await deps.queues.add(AGGREGATE_HOUR, { accountId, agentId, hourMs: floorHour(startedAt.getTime()) });
      return 'stored';
    }
    if (outcome.kind === 'refused') await countWrong(deps, outcome.verdict, work);
    return await passOn(deps, work, false);
  },
};
