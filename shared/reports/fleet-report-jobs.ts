// The reports of all accounts that are made in the background, for the sweep.
import type { Db, Filter } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { isOrdered, type StoredReportJob } from './report-job.ts';
import { REPORT_JOBS } from './report-jobs.ts';

/** Names a job. */
export type ReportJobRef = Readonly<{ accountId: string; reportId: string }>;

/** What a row has as its ids, that no order made. */
export type OddReportJob = Readonly<{ id: unknown; accountId: unknown }>;

/** Rows that are told of a list: whoever writes to the database can make any number. */
const ODD_AT_MOST = 10;

/** The jobs of all accounts. */
export type FleetReportJobs = ReturnType<typeof createFleetReportJobs>;

/** All methods reject with the driver's error when the database does not answer. */
export function createFleetReportJobs(db: Db) {
  const jobs = evidenceCollection<StoredReportJob>(db, REPORT_JOBS);

  /** Reads on past rows that are not `isGood`, or as many as the limit would stand in front of all others for ever. */
  async function list(
    filter: Filter<StoredReportJob>,
    limit: number,
    isGood: (row: StoredReportJob) => boolean = hasIds,
  ): Promise<Readonly<{ good: ReportJobRef[]; odd: OddReportJob[] }>> {
    const [good, odd]: [ReportJobRef[], OddReportJob[]] = [[], []];
    for await (const row of jobs.find(filter, { sort: { touched_at: 1 }, batchSize: limit + 1 })) {
      const { _id: id, account_id: accountId } = row;
      if (isGood(row)) good.push({ accountId, reportId: id });
      else if (odd.length < ODD_AT_MOST) odd.push({ id, accountId });
      if (good.length === limit) break;
    }
    return { good, odd };
  }

  return {
    /**
     * Jobs that wait or run, and of which nothing was written from `since` to `until`: their place in the queue may be lost.
     * Of the rows in front that no order made, which nobody can take, the first are in `odd`.
     */
    async listIdle(
      since: Date,
      until: Date,
      limit: number,
    ): Promise<Readonly<{ idle: ReportJobRef[]; odd: OddReportJob[] }>> {
      const touched_at = { $not: { $gte: since, $lte: until } };
      const { good, odd } = await list(
        { status: { $in: ['queued', 'running'] }, touched_at } as object,
        limit,
        isOrdered,
      );
      return { idle: good, odd };
    },

    /** Every row that no order made. */
    async *listOdd(): AsyncGenerator<OddReportJob> {
      for await (const row of jobs.find())
        if (!isOrdered(row)) yield { id: row._id, accountId: row.account_id };
    },

    /** Makes jobs `expired` that are ready and whose time is up at `at`, and lists them: their bytes have to go. */
    async expire(at: Date, limit: number): Promise<ReportJobRef[]> {
      const due: Filter<StoredReportJob> = { status: 'ready', expires_at: { $lte: at } };
      const { good: found } = await list(due, limit);
      const ids = found.map(({ reportId }) => reportId);
      const set = { status: 'expired', touched_at: at } as const;
      await jobs.updateMany({ _id: { $in: ids }, ...due }, { $set: set });
      return found;
    },

    /** Jobs that failed or expired before a time, and may have left bytes. */
    async listToClean(before: Date, limit: number): Promise<ReportJobRef[]> {
      const ended: Filter<StoredReportJob> = {
        status: { $in: ['failed', 'expired'] },
        touched_at: { $lt: before },
        forget_at: { $exists: false },
      };
      return (await list(ended, limit)).good;
    },

    /** Notes that no bytes of a job are left; the row goes at `forgetAt`. */
    async noteCleaned({ accountId, reportId }: ReportJobRef, forgetAt: Date): Promise<void> {
      await jobs.updateOne({ _id: reportId, account_id: accountId }, { $set: { forget_at: forgetAt } });
    },
  };
}

/** Whether a row can be named, whatever else it holds. */
function hasIds(row: StoredReportJob): boolean {
  return isId('report', row._id) && isId('account', row.account_id);
}
