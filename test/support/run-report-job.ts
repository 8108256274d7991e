// Runs the job that makes a report in the background, step by step.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { ReportJob } from '../../shared/reports/report-job.ts';
import { createReportJobs } from '../../shared/reports/report-jobs.ts';
import { signEntry } from '../../shared/reports/sign-entry.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import { makeReportJob } from '../../workers/jobs/make-report.ts';
import type { ReportMaker } from '../../workers/jobs/report-maker.ts';
import { openLogReader } from '../../workers/reports/account-logs.ts';
import { findIssuedEntry } from '../../workers/reports/find-issued.ts';
import { TEST_SIGNING } from './account-logs.ts';
import type { JobWorld } from './report-jobs.ts';

const SIGNING = openSigning(TEST_SIGNING);

/** Runs the job by hand with these bytes as its report, and with what happens between its steps. */
export async function runJob(
  { db, app, accountId }: JobWorld,
  reportId: string,
  make: ReportMaker['make'],
  {
    reportFiles: files = app.deps.reportFiles,
    ledger = app.deps.ledger,
    findIssued = (job, signal) => findIssuedEntry(accountLogs(db), job, null, signal),
    signLog = null,
  }: Partial<
    Pick<JobWorld['app']['deps'], 'reportFiles' | 'ledger'> & Pick<ReportMaker, 'findIssued' | 'signLog'>
  > = {},
): Promise<string> {
  const jobs = createReportJobs(db, SIGNING);
  const signed: ReportMaker['make'] = async (...args) => {
    const report = await make(...args);
    const { id, generatedAt, jsonSha256Hex: sha256Hex } = report.entry;
    const stated = { reportId: id, sha256Hex, generatedAt: presentTime(generatedAt) };
    const statement = await app.deps.signStatement(accountId, { subject: 'report', ...stated });
    const entry = await signEntry(app.deps.signStatement, accountId, { ...report.entry, statement });
    return { ...report, entry };
  };
  const reports = {
    jobs,
    files,
    ledger,
    findIssued,
    signLog,
    make: signed,
    keepMs: 3_600_000,
  } as unknown as ReportMaker;
  const queues = { add: async () => {} };
  const announcer = { announce: async () => {} };
  const deps = { reports, queues, announcer } as unknown as Parameters<typeof makeReportJob.handle>[1];
  return await makeReportJob.handle({ accountId, reportId }, deps, new AbortController().signal);
}

function accountLogs(db: JobWorld['db']) {
  const reader = openLogReader(db, SIGNING.identity);
  assert.ok(reader);
  return { reader, keys: SIGNING.identity };
}

/** A made report of some text. */
export function made(
  { id, userId, subject }: ReportJob,
  text: string,
): Awaited<ReturnType<ReportMaker['make']>> {
  const entry = {
    id,
    userId,
    scope: 'account' as const,
    sessionId: null,
    since: subject.window.since,
    until: subject.window.until,
    rootHex: '0'.repeat(64),
    size: 0,
    logState: null,
    generatedAt: new Date(),
    jsonSha256Hex: hash('sha256', text),
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json' as const,
    statement: null,
  };
  return { entry, bytes: new TextEncoder().encode(text), exceptions: [] };
}
