// The reports of all accounts that are made in the background, for the sweep.
import type { Db, Filter } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { StoredReportJob } from './report-job.ts';
import { REPORT_JOBS } from './report-jobs.ts';

/** Names a job. */
export type ReportJobRef = Readonly<{ accountId: string; reportId: string }>;

/** The jobs of all accounts. */
export type FleetReportJobs = ReturnType<typeof createFleetReportJobs>;

/** All methods reject with the driver's error when the database does not answer. */
export function createFleetReportJobs(db: Db) {
  const jobs = evidenceCollection<StoredReportJob>(db, REPORT_JOBS);

  async function list(filter: Filter<StoredReportJob>, limit: number): Promise<ReportJobRef[]> {
    const rows = await jobs
      .find(filter, { projection: { account_id: 1 }, sort: { touched_at: 1 }, limit, batchSize: limit + 1 })
      .toArray();
    // A row may hold anything: whoever writes to the database can leave one.
    return rows
      .filter((row) => isId('report', row._id) && isId('account', row.account_id))
      .map(({ _id: reportId, account_id: accountId }) => ({ accountId, reportId }));
  }

  return {
    /** Jobs that wait or run, and of which nothing was written since `before`: their place in the queue may be lost. */
    async listIdle(before: Date, limit: number): Promise<ReportJobRef[]> {
      return await list({ status: { $in: ['queued', 'running'] }, touched_at: { $lt: before } }, limit);
    },

    /** Makes jobs `expired` that are ready and whose time is up at `at`, and lists them: their bytes have to go. */
    async expire(at: Date, limit: number): Promise<ReportJobRef[]> {
      const due: Filter<StoredReportJob> = { status: 'ready', expires_at: { $lte: at } };
      const found = await list(due, limit);
      const ids = found.map(({ reportId }) => reportId);
      const set = { status: 'expired', touched_at: at } as const;
      await jobs.updateMany({ _id: { $in: ids }, ...due }, { $set: set });
      return found;
    },

    /** Jobs that failed or expired before a time, and may have left bytes. */
    async listToClean(before: Date, limit: number): Promise<ReportJobRef[]> {
      return await list(
        {
          status: { $in: ['failed', 'expired'] },
          touched_at: { $lt: before },
          forget_at: { $exists: false },
        },
        limit,
      );
    },

    /** Notes that no bytes of a job are left; the row goes at `forgetAt`. */
    async noteCleaned({ accountId, reportId }: ReportJobRef, forgetAt: Date): Promise<void> {
      await jobs.updateOne({ _id: reportId, account_id: accountId }, { $set: { forget_at: forgetAt } });
    },
  };
}
