// What the jobs on reports that are made in the background need: their rows, their bytes, the ledger, and the making.
import type { Db } from 'mongodb';
import { AppError } from '../../shared/errors/app-error.ts';
import type { TimeReport } from '../../shared/metrics/report-timer.ts';
import type { Config } from '../../shared/process/config.ts';
import { createFleetReportJobs, type FleetReportJobs } from '../../shared/reports/fleet-report-jobs.ts';
import { createReportFiles, type ReportFiles } from '../../shared/reports/report-files.ts';
import type { ReportJob } from '../../shared/reports/report-job.ts';
import { createReportJobs, type ReportJobs } from '../../shared/reports/report-jobs.ts';
import { createReportLedger, type ReportLedger } from '../../shared/reports/report-ledger.ts';
import { createReminder } from '../../shared/time/reminder.ts';
import type { Signing } from '../../shared/transparency/open-signing.ts';
import type { PdfPlace, PdfRenderer } from '../pdf/pdf.ts';
import { openLogReader } from '../reports/account-logs.ts';
import { findIssuedEntry, type IssuedEntry } from '../reports/find-issued.ts';
import { type MadeWide, type MakeDeps, makeWide } from '../reports/issue-wide.ts';
import type { WideOrder } from '../reports/report-orders.ts';
import type { WideOptions } from '../reports/wait-options.ts';
import type { LazyPrinter } from './lazy-printer.ts';

export type ReportSettings = Pick<
  Config,
  'chromePath' | 'baaChainText' | 'reportSessionsLimit' | 'reportKeepMs'
>;

/** Appends to the account's log what is due, and signs it. Null in a process that signs nothing. */
export type SignLog = (accountId: string, signal: AbortSignal) => Promise<unknown>;

export type ReportMaker = Readonly<{
  jobs: ReportJobs;
  fleetJobs: FleetReportJobs;
  files: ReportFiles;
  ledger: Pick<ReportLedger, 'record'>;
  /** As `findIssuedEntry`; null in a process that signs nothing. */
  findIssued(job: ReportJob, signal: AbortSignal): Promise<IssuedEntry | null>;
  signLog: SignLog | null;
  /** Whether to tell of a damaged row again. */
  isToTell(row: string): boolean;
  /** Milliseconds for which bytes are kept. */
  keepMs: number;
  /** Makes what a job orders. Throws as `makeWide` does. */
  make(job: ReportJob, options: Pick<WideOptions, 'signal' | 'onProgress' | 'onStage'>): Promise<MadeWide>;
}>;

export function createReportMaker(
  db: Db,
  {
    printer,
    signing,
    signLog,
    ...making
  }: MakeDeps &
    Readonly<{
      printer: LazyPrinter;
      /** Null without a signing key. */
      signing: Signing | null;
      signLog: SignLog | null;
    }>,
  { baaChainText, reportSessionsLimit: sessionsLimit, reportKeepMs: keepMs }: ReportSettings,
  timeReport: TimeReport = (_format, report) => report,
): ReportMaker {
  const reader = openLogReader(db, signing?.identity ?? null);
  const logs = reader && signing && { reader, keys: signing.identity };
  return {
    jobs: createReportJobs(db, signing),
    fleetJobs: createFleetReportJobs(db),
    files: createReportFiles(db),
    ledger: createReportLedger(db),
    async findIssued(job, signal) {
      const known = (await making.checkpointMemory?.largest(job.accountId)) ?? null;
      return logs && (await findIssuedEntry(logs, job, known, signal));
    },
    signLog,
    isToTell: createReminder(),
    keepMs,
    async make({ id: reportId, accountId, userId, userName, subject, exceptions, format, paper }, options) {
      const order: WideOrder = {
        reportId,
        accountId,
        subject,
        exceptions,
        format,
        issuedTo: { id: userId, name: userName },
        paper,
        baaChainText,
        sessionsLimit,
      };
      using place = format === 'pdf' ? reservePlace(await printer.open(), accountId) : null;
      const made = makeWide(making, order, { ...options, place });
      return await timeReport(format, made, options.signal);
    },
  };
}

/** The printer's own words are for callers of the API, who may have found a Chromium there. */
function reservePlace(printer: PdfRenderer, accountId: string): PdfPlace {
  const state = printer.state();
  if (state.available) return printer.reserve(accountId);
  throw new AppError(
    'unavailable',
    `The workers print no PDF: ${state.why}. Mend that where npm run workers runs and start it again, or order format=json.`,
  );
}
