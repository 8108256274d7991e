// Makes a report over many sessions and keeps its bytes. The job may run twice or on two workers at once, and its worker
// may die between any two writes. The bytes are stored first, each attempt's in a file of its own. Then one swap on the
// row settles which of them are the report; whoever goes on from there records and finishes that one.
import { hash } from 'node:crypto';
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import { EXTEND_ACCOUNT_LOG, MAKE_REPORT } from '../../shared/queues/jobs.ts';
import { entryOf, statedIn } from '../../shared/reports/composed-entry.ts';
import type { ComposedJob, ReportJob, ReportJobError } from '../../shared/reports/report-job.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { entryTextOf } from '../../shared/reports/stated-entry.ts';
import type { IssuedEntry } from '../reports/find-issued.ts';
import type { Job, JobDeps } from './job.ts';
import { NOT_WANTED, watchReport } from './watch-report.ts';

export const makeReportJob: Job<{ accountId: string; reportId: string }> = {
  definition: MAKE_REPORT,
  concurrency: 2,
  isInterruptible: true,
  isRare: true,
  async handle({ accountId, reportId }, { reports, queues, announcer }, signal) {
    const job = await reports.jobs.begin(accountId, reportId, new Date());
    // A worker that was killed right after it made the report ready told nobody.
    if (!job) return (await tellOfReady({ reports, announcer }, accountId, reportId)) ?? 'not wanted';
    try {
      if (job.orderFault !== null) throw reportFailure('stored_order', job.orderFault);
      if (job.composedFault !== null) throw reportFailure('stored_bytes', job.composedFault);
      if (job.attempts > ATTEMPTS) throw new AppError('internal_error', GIVEN_UP);
      const result = await makeReport(reports, job, signal);
      if (result !== READY) return result;
      await tellOfReady({ reports, announcer }, accountId, reportId);
      await queues.add(EXTEND_ACCOUNT_LOG, { accountId });
      return result;
    } catch (error) {
      // A worker that stops leaves the report to the next one, whatever broke meanwhile.
      const last = signal.aborted ? null : lastWordOf(error);
      if (!last) throw error;
      if (await reports.jobs.fail(accountId, reportId, last, new Date())) {
        await reports.files.removeAll(accountId, reportId);
      }
      return `failed: ${last.reason ?? last.code}`;
    }
  },
};

/** Tells webhooks that a report is ready, once. Null where it is not. */
async function tellOfReady(
  { reports, announcer }: Pick<JobDeps, 'reports' | 'announcer'>,
  accountId: string,
  reportId: string,
): Promise<string | null> {
  const job = await reports.jobs.find(accountId, reportId);
  if (job?.status !== 'ready') return null;
  const data = { report_id: reportId, scope: job.subject.scope };
  await announcer.announce(accountId, { type: 'report.ready', data }, reportId);
  return 'was ready';
}

/** Each attempt may have been killed, by what is not the report's fault; but a report may also be what kills them. */
const ATTEMPTS = 25;
const GIVEN_UP = `Workers began the report ${ATTEMPTS} times, and none finished it: their logs say why, in the lines of job make-report. Order a shorter window, or use npm run report.`;

const READY = 'ready';

type Reports = JobDeps['reports'];

async function makeReport(reports: Reports, job: ReportJob, stopping: AbortSignal): Promise<string> {
  const { jobs, files, ledger, keepMs } = reports;
  const { accountId, id } = job;
  if (!job.composed) await assertNew(reports, job, stopping);
  const composed = job.composed ?? (await compose(reports, job, stopping));
  if (!composed) return 'not wanted';
  const entry = entryOf(job, composed);
  const isLogged = await findOwn(reports, job, entry, stopping);
  await ledger.record(accountId, entry);
  if (!isLogged) await assureLogged(reports, job, entry, stopping);
  const at = new Date();
  const isReady = await jobs.finish(accountId, id, at, new Date(at.getTime() + keepMs));
  // Another worker may have finished it, or a caller cancelled it.
  if (!isReady) return 'not wanted';
  await files.removeAll(accountId, id, composed.fileId);
  return READY;
}

/** Throws `report_generation_failed` (`stored_order`) where a report of this order was issued. */
async function assertNew(
  { jobs, findIssued }: Reports,
  job: ReportJob,
  stopping: AbortSignal,
): Promise<void> {
  const logged = await findIssued(job, stopping);
  if (!logged) return;
  // Another worker may have made it since.
  if ((await jobs.find(job.accountId, job.id))?.composed) return;
  throw reportFailure(
    'stored_order',
    `The report was issued already, as entry ${logged.index} of the account log says: somebody put its order back. ${ORDER_ANOTHER}`,
  );
}

/**
 * Waits until the account log has the report, under a checkpoint: until then nothing but rows says that it was issued, and
 * whoever removes them could have another issued under its id. Throws `unavailable` where the log does not take it now.
 */
async function assureLogged(
  reports: Reports,
  job: ReportJob,
  entry: LedgerEntry,
  stopping: AbortSignal,
): Promise<void> {
  // The log takes no report that its maker did not sign.
  if (!reports.signLog || entry.entryStatement === undefined) return;
  await reports.signLog(job.accountId, stopping);
  if (await findOwn(reports, job, entry, stopping)) return;
  throw new AppError('unavailable', NOT_LOGGED, { retryAfterS: NOT_LOGGED_S });
}

const NOT_LOGGED_S = 60;
const NOT_LOGGED =
  'The account log does not take the entry of the report: /health and the log of the workers say why. The report is ready once it has.';

/** Whether the account log has this very report. Throws where it has another by the order. */
async function findOwn(
  { findIssued }: Reports,
  job: ReportJob,
  entry: LedgerEntry,
  stopping: AbortSignal,
): Promise<boolean> {
  const logged = await findIssued(job, stopping);
  if (logged && logged.text !== entryTextOf(job.accountId, entry)) throw issuedOtherwise(logged);
  return logged !== null;
}

function issuedOtherwise({ index }: IssuedEntry): AppError {
  return reportFailure(
    'stored_bytes',
    `Another report was issued by this order, as entry ${index} of the account log says: somebody changed what the order's row says of it. ${ORDER_ANOTHER}`,
  );
}

const ORDER_ANOTHER =
  'No other report is made or recorded by it: order the report again, and have the operator run npm run verify -- --all.';

/** The report that this job gives from now on, by this worker or another; null where none is wanted any more. */
async function compose(
  { jobs, files, make }: Reports,
  job: ReportJob,
  stopping: AbortSignal,
): Promise<ComposedJob | null> {
  const { accountId, id } = job;
  const watch = watchReport(jobs, job, stopping);
  const { signal } = watch;
  try {
    const { onProgress, onStage } = watch;
    const { entry, bytes } = await make(job, { signal, onProgress, onStage });
    onStage('storing');
    const fileId = await files.store(accountId, id, bytes, signal);
    const composed = { ...statedIn(entry), fileId, bytes: bytes.length, sha256Hex: hash('sha256', bytes) };
    if (await jobs.settle(accountId, id, composed)) return composed;
  } catch (error) {
    if (signal.reason !== NOT_WANTED) throw error;
  } finally {
    await watch.end();
  }
  const now = await jobs.find(accountId, id);
  if (now?.status === 'running' && now.composed) return now.composed;
  // The files of a report that is ready are its own.
  if (now?.status !== 'ready') await files.removeAll(accountId, id);
  return null;
}

/** What to tell of an error after which another attempt would fail again; null for any other. */
function lastWordOf(error: unknown): ReportJobError | null {
  if (!(error instanceof AppError) || !LAST.has(error.code) || error.retryAfterS !== undefined) return null;
  return { code: error.code, reason: error.reason ?? null, message: error.message };
}

/** `unavailable` without a time to try again: this process has no Chromium. */
const LAST = new Set<AppError['code']>([
  'validation_failed',
  'report_generation_failed',
  'internal_error',
  'unavailable',
]);
