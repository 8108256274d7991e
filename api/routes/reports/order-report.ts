// Orders a report that is made in the background, for the API's routes and the console's form alike.
import { newId } from '../../../shared/audit/ids.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { MAKE_REPORT } from '../../../shared/queues/jobs.ts';
import { RedisFailure } from '../../../shared/queues/redis-failure.ts';
import type { ReportJob } from '../../../shared/reports/report-job.ts';
import type { ReportJobOrder } from '../../../shared/reports/report-order.ts';
import type { ApiDeps } from '../../http/context.ts';

export type OrderDeps = Pick<ApiDeps, 'reportJobs' | 'reportJobsLimit' | 'pipeline' | 'pdf' | 'log'>;

/** An order without its id, which becomes the report's. */
export type NewOrder = Omit<ReportJobOrder, 'id'>;

/**
 * `too_many`: the account has as many as it may. `queue_away`: Redis does not answer, or it refuses writes (`isRefusal`),
 * and `cause` says how.
 */
export type OrderOutcome =
  | Readonly<{ status: 'accepted'; job: ReportJob }>
  | Readonly<{ status: 'too_many' }>
  | Readonly<{ status: 'queue_away'; isRefusal: boolean; cause: unknown }>;

const QUEUE_WITHIN_MS = 2_000;

/** Seconds after which an order that was not taken may be sent again. */
export const ORDER_RETRY_AFTER_S = 10;

/**
 * The job, once it is stored and queued. Throws `unavailable` or `overloaded` where a PDF is ordered that cannot be
 * printed here.
 */
export async function orderReport(
  deps: OrderDeps,
  accountId: string,
  order: NewOrder,
): Promise<OrderOutcome> {
  const { reportJobs, pdf } = deps;
  // Throws where there is no Chromium, which the workers look for in the same places.
  if (order.format === 'pdf') pdf.reserve(accountId)[Symbol.dispose]();
  const id = newId('report');
  const hasRoom = await inTurn(accountId, async () => {
    if ((await reportJobs.countUnfinished(accountId)) >= deps.reportJobsLimit) return false;
    await reportJobs.insert(accountId, { ...order, id }, new Date());
    return true;
  });
  if (!hasRoom) return { status: 'too_many' };
  const failure = await queue(deps, accountId, id);
  if (failure) {
    const { cause } = failure;
    return { status: 'queue_away', isRefusal: cause instanceof RedisFailure && cause.isRefusal, cause };
  }
  const job = await reportJobs.find(accountId, id);
  if (!job) throw new AppError('internal_error', 'An order is gone that was stored.');
  return { status: 'accepted', job };
}

const turns = new Map<string, Promise<unknown>>();

/** One order of an account after the other, so that orders that come at once do not all find the same room. */
async function inTurn<T>(accountId: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(accountId) ?? Promise.resolve()).then(work);
  const settled = turn.catch(() => {});
  turns.set(accountId, settled);
  try {
    return await turn;
  } finally {
    if (turns.get(accountId) === settled) turns.delete(accountId);
  }
}

/** An order that could not be queued is taken back: its caller is told so, and the sweep would queue it later. */
async function queue(
  { reportJobs, pipeline, log }: OrderDeps,
  accountId: string,
  reportId: string,
): Promise<Readonly<{ cause: unknown }> | null> {
  try {
    if (!pipeline) throw new AppError('unavailable', 'No Redis is configured.');
    const add = () => pipeline.queues.add(MAKE_REPORT, { accountId, reportId });
    await pipeline.within(QUEUE_WITHIN_MS, add);
    return null;
  } catch (cause) {
    await reportJobs.withdraw(accountId, reportId).catch((err: unknown) => {
      log.warn({ report_id: reportId, err }, 'an order that was refused could not be taken back');
    });
    return { cause };
  }
}
