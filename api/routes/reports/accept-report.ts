// Takes an order for a report that is made in the background.
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiContext } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';
import { type NewOrder, ORDER_RETRY_AFTER_S, type OrderDeps, orderReport } from './order-report.ts';
import { jobPath, presentJob } from './present-job.ts';

/**
 * Answers 202 with the job once it is stored and queued. Throws `overloaded` when the account has too many, and
 * `unavailable` when Redis does not answer or refuses writes, or when a PDF is asked for and there is no Chromium.
 */
export async function acceptReport(
  deps: OrderDeps,
  ctx: ApiContext,
  order: Omit<NewOrder, 'userId' | 'userName'>,
): Promise<void> {
  const { accountId, userId, userName } = ctx.state.actor;
  const outcome = await orderReport(deps, accountId, { ...order, userId, userName });
  if (outcome.status === 'too_many') {
    throw new AppError('overloaded', 'The account has too many reports in the background.', {
      retryAfterS: ORDER_RETRY_AFTER_S,
    });
  }
  if (outcome.status === 'queue_away') {
    const { isRefusal, cause } = outcome;
    const why = isRefusal ? 'Redis refuses writes' : 'Redis does not answer';
    throw new AppError('unavailable', describeAway(why), { retryAfterS: ORDER_RETRY_AFTER_S, cause });
  }
  const { job } = outcome;
  noteAccess(ctx, 'report.order', job.id);
  ctx.status = 202;
  ctx.set('Preference-Applied', 'respond-async');
  ctx.set('Location', jobPath(job.id));
  ctx.body = presentJob(job, new Date());
}

function describeAway(why: string): string {
  return `Reports cannot be made in the background now, since ${why}. Ask without Prefer: respond-async, use npm run report, or try again after Retry-After.`;
}
