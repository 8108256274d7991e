// What has waited longest for the pipeline, over all accounts, by the rows alone: for /health, where Redis may say that
// nothing waits. Names no account. Changes of sessions are in `session-gauges.ts`.
import type { Db } from 'mongodb';
import { earliestOf, ONE_TIME } from '../mongo/earliest.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { POLICIES } from '../policy/policy-repository.ts';
import { MARKED } from '../sessions/log-marks.ts';
import { SESSIONS } from '../sessions/session-row.ts';
import { MINUTE_MS } from '../time/durations.ts';
import { isTime } from '../time/is-time.ts';
import { toHead } from '../transparency/log-heads.ts';
import { LOG_HEADS, type StoredLogHead } from '../transparency/log-rows.ts';
import { isOrdered, type StoredReportJob } from './report-job.ts';
import { REPORT_JOBS } from './report-jobs.ts';
import { REPORTS } from './report-row.ts';

/** Rows that an account log lacks and that its keeper takes up, each with the time since when. */
const DUE = [
  {
    collection: SESSIONS,
    since: 'changed_at',
    rows: { log_due: { $gt: '' }, importing: { $ne: true }, $nor: [MARKED.failed, MARKED.unverifiable] },
  },
  { collection: POLICIES, since: 'stored_at', rows: { log_due: true } },
  // One without a statement gets no entry: the log of the workers says so.
  { collection: REPORTS, since: 'generated_at', rows: { log_due: true, statement: { $exists: true } } },
] as const;

/** The clock of another process may be ahead by so much. */
const AHEAD_MS = MINUTE_MS;

/** What has waited longest, over all accounts. */
export type OldestDue = ReturnType<typeof createOldestDue>;

/** All methods reject with the driver's error when the database is away. */
export function createOldestDue(db: Db) {
  const heads = evidenceCollection<StoredLogHead>(db, LOG_HEADS);
  const jobs = evidenceCollection<StoredReportJob>(db, REPORT_JOBS);

  /** By account, since when a row of the collection is due. */
  async function findDue({ collection, since, rows }: (typeof DUE)[number]): Promise<[string, number][]> {
    const found = await evidenceCollection(db, collection)
      .aggregate<{ _id: string; since: Date }>(
        [
          { $match: { ...rows, [since]: ONE_TIME } },
          { $group: { _id: '$account_id', since: { $min: `$${since}` } } },
        ],
        LISTED_WITHIN,
      )
      .toArray();
    return found.flatMap((row) => (isTime(row.since) ? [[row._id, row.since.getTime()]] : []));
  }

  return {
    /**
     * Since when an account log was not extended by what is due for it; null when none lacks anything. Leaves out logs of
     * which /health says by itself that nothing is signed there, or that rows are refused.
     */
    async findEntry(): Promise<Date | null> {
      const due = (await Promise.all(DUE.map(findDue))).flat();
      const rows = await heads.find({ _id: { $in: due.map(([id]) => id) } }, LISTED_WITHIN).toArray();
      const told = new Set(rows.filter(({ failed, refused }) => failed || refused).map(({ _id }) => _id));
      const begun = new Map(rows.map((row) => [row._id, begunAt(row)]));
      const waiting = due.filter(([id]) => !told.has(id));
      return earliestOf(waiting.map(([id, at]) => new Date(Math.max(at, begun.get(id) ?? 0))));
    },

    /** Since when a report was ordered that no worker makes, and no other is made; null when none waits. */
    async findReport(): Promise<Date | null> {
      // Rows that no order made, or with a time to come, say nothing: the sweep's log names them, or takes them up.
      const find = async (status: 'queued' | 'running', direction: 1 | -1) => {
        const filter = { status, touched_at: { ...ONE_TIME, $lte: new Date(Date.now() + AHEAD_MS) } };
        const rows = jobs.find(filter, { sort: { touched_at: direction }, ...LISTED_WITHIN });
        for await (const row of rows) if (isOrdered(row)) return row;
        return null;
      };
      const [queued, running] = await Promise.all([find('queued', 1), find('running', -1)]);
      if (!queued) return null;
      return new Date(Math.max(queued.touched_at.getTime(), running?.touched_at.getTime() ?? 0));
    },
  };
}

/**
 * Whatever is due waits since then at most: a keeper that signed a moment ago is at work on what is left. Passes over times
 * to come: whoever writes to the database could silence /health by one for good.
 */
function begunAt(row: StoredLogHead): number {
  const { checkpoint } = toHead(row);
  const times = [checkpoint?.signedAt, row.due_at].filter(isTime).map((at) => at.getTime());
  return Math.max(0, ...times.filter((at) => at <= Date.now() + AHEAD_MS));
}
