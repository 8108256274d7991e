// Takes an order for a report that is made in the background.
import { newId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { MAKE_REPORT } from '../../../shared/queues/jobs.ts';
import type { WideOrder } from '../../../workers/reports/pool.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { jobPath, presentJob } from './present-job.ts';

export type AcceptDeps = Pick<ApiDeps, 'reportJobs' | 'reportJobsLimit' | 'pipeline' | 'pdf' | 'log'>;

const QUEUE_WITHIN_MS = 2_000;
const RETRY_AFTER_S = 10;

/**
 * Answers 202 with the job once it is stored and queued. Throws `overloaded` when the account has too many, and
 * `unavailable` when Redis does not answer, or when a PDF is asked for and there is no Chromium.
 */
export async function acceptReport(
  deps: AcceptDeps,
  ctx: ApiContext,
  { accountId, subject, exceptions, format }: WideOrder,
): Promise<void> {
  const { reportJobs, pdf } = deps;
  // Throws where there is no Chromium, which the workers look for in the same places.
  if (format === 'pdf') pdf.reserve(accountId)[Symbol.dispose]();
  if ((await reportJobs.countUnfinished(accountId)) >= deps.reportJobsLimit) {
    throw new AppError('overloaded', 'The account has too many reports in the background.', {
      retryAfterS: RETRY_AFTER_S,
    });
  }
  const id = newId('report');
  const { userId } = ctx.state.actor;
  const now = new Date();
  await reportJobs.insert(accountId, { id, userId, subject, exceptions, format }, now);
  await queue(deps, accountId, id);
  const job = await reportJobs.find(accountId, id);
  if (!job) throw new AppError('unavailable', 'The order was not stored. Try again.');
  ctx.status = 202;
  ctx.set('Preference-Applied', 'respond-async');
  ctx.set('Location', jobPath(id));
  ctx.body = presentJob(job, now);
}

/** An order that could not be queued is taken back: its caller is told so, and the sweep would queue it later. */
async function queue(
  { reportJobs, pipeline, log }: AcceptDeps,
  accountId: string,
  reportId: string,
): Promise<void> {
  try {
    if (!pipeline) throw new AppError('unavailable', 'No Redis is configured.');
    const add = () => pipeline.queues.add(MAKE_REPORT, { accountId, reportId });
    await pipeline.within(QUEUE_WITHIN_MS, add);
  } catch (cause) {
    await reportJobs.withdraw(accountId, reportId).catch((err: unknown) => {
      log.warn({ report_id: reportId, err }, 'an order that was refused could not be taken back');
    });
    throw new AppError('unavailable', AWAY, { retryAfterS: RETRY_AFTER_S, cause });
  }
}

const AWAY =
  'Reports cannot be made in the background now, since Redis does not answer. Ask without Prefer: respond-async, use npm run report, or try again after Retry-After.';
