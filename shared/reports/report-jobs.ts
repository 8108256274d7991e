// The reports of an account that are made in the background. Each change says from which status it leads, so that a
// worker, another worker and a caller who cancels may write at once.
import type { Db, Filter } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { createLogHeads } from '../transparency/log-heads.ts';
import { trust } from '../transparency/log-reader.ts';
import type { Signing } from '../transparency/open-signing.ts';
import { createStatementSigner } from '../transparency/statement-signer.ts';
import { holdComposed } from './composed-entry.ts';
import {
  type ComposedJob,
  fromComposed,
  isOrdered,
  type ReportJob,
  type ReportJobError,
  type ReportJobProgress,
  type StoredReportJob,
  toJobRow,
  toReportJob,
} from './report-job.ts';
import { type ReportJobOrder, signOrder, type TakenOrder } from './report-order.ts';

/** Name of the collection. */
export const REPORT_JOBS = 'report_jobs';

/** Indexes of the collection. */
export const REPORT_JOB_INDEXES: readonly IndexSpec[] = [
  { collection: REPORT_JOBS, key: { account_id: 1, status: 1 } },
  // The account's list, newest first.
  { collection: REPORT_JOBS, key: { account_id: 1, ordered_at: -1, _id: -1 } },
  // The sweep's lists.
  { collection: REPORT_JOBS, key: { status: 1, touched_at: 1 } },
  { collection: REPORT_JOBS, key: { forget_at: 1 }, expireAfterSeconds: 0 },
];

/** The reports of an account that are made in the background. */
export type ReportJobs = ReturnType<typeof createReportJobs>;

const CANCELLED: ReportJobError = {
  code: 'cancelled',
  reason: null,
  message: 'The report was cancelled before it was ready. Order it again if it is needed.',
};

/**
 * Orders, follows and ends jobs. All methods reject with the driver's error when the database does not answer. Orders are signed
 * when they are taken, and a job is given as failed whose order or composed report does not hold; `signing`: null of a process without a key.
 */
export function createReportJobs(db: Db, signing: Signing | null) {
  const jobs = evidenceCollection<StoredReportJob>(db, REPORT_JOBS);
  const heads = createLogHeads(db);
  const sign = createStatementSigner(signing);
  const identity = signing?.identity ?? null;
  const toJob = (row: unknown): ReportJob | null => {
    const job = toReportJob(row, identity);
    return job && identity ? holdComposed(identity, job) : job;
  };
  const unfinished: Filter<StoredReportJob> = { status: { $in: ['queued', 'running'] } };

  async function logSizeNow(accountId: string): Promise<Pick<TakenOrder, 'logSize'>> {
    if (!identity) return {};
    const { checkpoint } = await heads.find(accountId);
    const trusted = checkpoint && trust(identity, accountId, checkpoint);
    return { logSize: trusted?.size ?? 0 };
  }

  async function change(
    accountId: string,
    id: string,
    from: Filter<StoredReportJob>,
    set: Partial<StoredReportJob>,
  ): Promise<boolean> {
    const found = await jobs.updateOne({ _id: id, account_id: accountId, ...from }, { $set: set });
    return found.matchedCount === 1;
  }

  return {
    /** Stores an order under its id, which must be new. */
    async insert(accountId: string, order: ReportJobOrder, at: Date): Promise<void> {
      const taken = { ...order, accountId, orderedAt: at, ...(await logSizeNow(accountId)) };
      await jobs.insertOne(toJobRow(taken, await signOrder(sign, taken)));
    },

    /** Null where the account has no such job. */
    async find(accountId: string, id: string): Promise<ReportJob | null> {
      const row = await jobs.findOne({ _id: id, account_id: accountId });
      return row && toJob(row);
    },

    /**
     * The account's jobs that wait, run, are ready or failed, newest orders first, at most `limit`. Passes over rows that
     * no order made.
     */
    async list(accountId: string, limit: number): Promise<ReportJob[]> {
      const rows = jobs
        .find({ account_id: accountId, status: { $ne: 'expired' } })
        .sort({ ordered_at: -1, _id: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit + 1);
      return await readPage(rows, toJob, limit);
    },

    /** The account's jobs among `ids` whose bytes can be fetched at a time, by their ids. */
    async findReady(accountId: string, ids: readonly string[], at: Date): Promise<Map<string, ReportJob>> {
      if (ids.length === 0) return new Map();
      const ready = { status: 'ready', expires_at: { $gt: at } } as const;
      const rows = await jobs.find({ _id: { $in: [...ids] }, account_id: accountId, ...ready }).toArray();
      const held = rows.flatMap((row) => toJob(row) ?? []).filter(({ status }) => status === 'ready');
      return new Map(held.map((job) => [job.id, job]));
    },

    /** Jobs that wait or run. Passes over rows that no order made: they would take an account's room for ever. */
    async countUnfinished(accountId: string): Promise<number> {
      let count = 0;
      for await (const row of jobs.find({ account_id: accountId, ...unfinished }))
        if (isOrdered(row)) count += 1;
      return count;
    },

    /** Takes back an order that no worker has begun. */
    async withdraw(accountId: string, id: string): Promise<void> {
      await jobs.deleteOne({ _id: id, account_id: accountId, status: 'queued', attempts: 0 });
    },

    /** The job, running from now on; null where it has ended or the account has no such job. */
    async begin(accountId: string, id: string, at: Date): Promise<ReportJob | null> {
      const row = await jobs.findOneAndUpdate(
        { _id: id, account_id: accountId, ...unfinished },
        { $set: { status: 'running', progress: null, touched_at: at }, $inc: { attempts: 1 } },
        { returnDocument: 'after' },
      );
      return row && toJob(row);
    },

    async isRunning(accountId: string, id: string): Promise<boolean> {
      const row = await jobs.findOne({ _id: id, account_id: accountId }, { projection: { status: 1 } });
      return row?.status === 'running';
    },

    /** False where the job is not running any more. */
    async writeProgress(accountId: string, id: string, progress: ReportJobProgress): Promise<boolean> {
      const { startedAt: started_at, ...told } = progress;
      const set = { progress: { ...told, started_at }, touched_at: progress.at };
      return await change(accountId, id, { status: 'running' }, set);
    },

    /**
     * Settles which report the job gives: the first that is composed, whatever other workers compose. False where one
     * is settled already, or the job is not running any more.
     */
    async settle(accountId: string, id: string, composed: ComposedJob): Promise<boolean> {
      const from = { status: 'running', composed: null } as const;
      return await change(accountId, id, from, { composed: fromComposed(composed), touched_at: new Date() });
    },

    /** False where the job is not running any more. */
    async finish(accountId: string, id: string, at: Date, expiresAt: Date): Promise<boolean> {
      const from = { status: 'running', composed: { $ne: null } } as const;
      const set = { status: 'ready', finished_at: at, expires_at: expiresAt, touched_at: at } as const;
      return await change(accountId, id, from, set);
    },

    /** Its bytes have to be removed afterwards. False for a job that has ended, which stays as it is. */
    async fail(accountId: string, id: string, error: ReportJobError, at: Date): Promise<boolean> {
      const set = { status: 'failed', error, finished_at: at, touched_at: at } as const;
      return await change(accountId, id, unfinished, set);
    },

    /**
     * Ends a job that waits or runs; its bytes have to be removed afterwards. False for any other, which stays as it is:
     * a report that became ready meanwhile is kept.
     */
    async cancelUnfinished(accountId: string, id: string, at: Date): Promise<boolean> {
      const failed = { status: 'failed', error: CANCELLED, finished_at: at, touched_at: at } as const;
      return await change(accountId, id, unfinished, failed);
    },

    /**
     * Ends the job, whatever it is at: one that waits or runs fails, one that is ready expires. Its bytes have to be
     * removed afterwards. False where the account has no such job. Safe to call again.
     */
    async cancel(accountId: string, id: string, at: Date): Promise<boolean> {
      if (await this.cancelUnfinished(accountId, id, at)) return true;
      const expired = { status: 'expired', expires_at: at, touched_at: at } as const;
      if (await change(accountId, id, { status: 'ready' }, expired)) return true;
      return (await this.find(accountId, id)) !== null;
    },
  };
}
