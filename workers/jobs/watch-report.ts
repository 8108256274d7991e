// Follows the row of a running report: writes how far the worker has come, and sees that the report is not wanted any more.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportJob, ReportStage } from '../../shared/reports/report-job.ts';
import type { ReportJobs } from '../../shared/reports/report-jobs.ts';
import type { WindowProgress } from '../reports/walk-window.ts';

/** A quarter of the time within which the threads of a cancelled report have to be free. */
const LOOK_EVERY_MS = 25;
/** Also where nothing was walked meanwhile, so that a caller sees that the worker lives. */
const WRITE_EVERY_MS = 500;

/** The reason of a signal that aborted since the report was cancelled, or has been made by another worker. */
export const NOT_WANTED = new Error('The report is not wanted any more');

export type ReportWatch = Readonly<{
  /** Aborts with `NOT_WANTED`, or when the worker stops. */
  signal: AbortSignal;
  onProgress(progress: WindowProgress): void;
  onStage(stage: ReportStage): void;
  /** Writes the last progress and ends the watch. */
  end(): Promise<void>;
}>;

export function watchReport(
  jobs: Pick<ReportJobs, 'isRunning' | 'writeProgress'>,
  { accountId, id }: Pick<ReportJob, 'accountId' | 'id'>,
  stopping: AbortSignal,
): ReportWatch {
  const unwanted = new AbortController();
  const ended = new AbortController();
  const startedAt = new Date();
  let stage: ReportStage = 'listing';
  let walked: Readonly<{ done: number; total: number | null }> = { done: 0, total: null };
  let writtenAtMs = Number.NEGATIVE_INFINITY;

  async function write(): Promise<boolean> {
    writtenAtMs = performance.now();
    return await jobs.writeProgress(accountId, id, { stage, ...walked, startedAt, at: new Date() });
  }

  async function look(): Promise<void> {
    const isDue = performance.now() - writtenAtMs >= WRITE_EVERY_MS;
    const isRunning = isDue ? await write() : await jobs.isRunning(accountId, id);
    if (!isRunning) unwanted.abort(NOT_WANTED);
  }

  async function lookOn(): Promise<void> {
    while (!ended.signal.aborted && !unwanted.signal.aborted) {
      // A database that does not answer fails the walk by itself.
      await look().catch(() => {});
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  }

  const looking = lookOn();
  return {
    signal: AbortSignal.any([stopping, unwanted.signal]),
    onProgress({ done, total }) {
      walked = { done, total };
    },
    onStage(begun) {
      stage = begun;
    },
    async end() {
      ended.abort();
      await looking;
      if (!unwanted.signal.aborted) await write().catch(() => {});
    },
  };
}
