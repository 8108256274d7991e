// What the row of a job states of its composed report, as the ledger is to record it. Whoever writes to the database can state
// anything there: a deployment with a key takes, and tells, only what it signed when the report was made.
import type { LogIdentity } from '../transparency/log-origin.ts';
import type { StatementSubject } from '../transparency/statement.ts';
import { isStatementOf } from '../transparency/verify-statement.ts';
import type { ComposedJob, ReportJob } from './report-job.ts';
import type { LedgerEntry } from './report-row.ts';
import { statedEntryText } from './stated-entry.ts';

/** The entry of the ledger that a composed report gets. */
export function entryOf({ id, userId, subject, format }: ReportJob, composed: ComposedJob): LedgerEntry {
  return {
    id,
    userId,
    scope: subject.scope,
    sessionId: null,
    ...(subject.scope === 'agent' && { agentId: subject.agentId }),
    since: subject.window.since,
    until: subject.window.until,
    logState: null,
    format,
    ...statedIn(composed),
  };
}

/** What an entry of the ledger and a composed report both have. */
export function statedIn(report: LedgerEntry | ComposedJob) {
  const { rootHex, size, generatedAt, jsonSha256Hex, pdfSha256Hex, pdfStatement, statement } = report;
  const { csvSha256Hex, csvStatement, entryStatement } = report;
  return {
    ...{ rootHex, size, generatedAt, jsonSha256Hex, pdfSha256Hex, pdfStatement, statement },
    ...(csvSha256Hex !== undefined && { csvSha256Hex }),
    ...(csvStatement !== undefined && { csvStatement }),
    ...(entryStatement !== undefined && { entryStatement }),
  };
}

/** The digest of the bytes that are handed out, and the statement over it. */
export type StatedBytes = Readonly<{
  subject: StatementSubject;
  sha256Hex: string | null;
  statement: string | null;
}>;

/** What a report states of its bytes in a format. */
export function statedBytes(report: LedgerEntry | ComposedJob, format: ReportJob['format']): StatedBytes {
  switch (format) {
    case 'json':
      return { subject: 'report', sha256Hex: report.jsonSha256Hex, statement: report.statement };
    case 'pdf':
      return { subject: 'pdf', sha256Hex: report.pdfSha256Hex, statement: report.pdfStatement };
    case 'csv':
      return {
        subject: 'csv',
        sha256Hex: report.csvSha256Hex ?? null,
        statement: report.csvStatement ?? null,
      };
  }
}

const NOT_OURS =
  'The composed report is stored with values that this deployment did not sign: somebody changed its row. Order it again, and have the operator run npm run verify -- --all.';

/** The job; as failed (`stored_bytes`) where it names a composed report that no key of this deployment signed. */
export function holdComposed(identity: LogIdentity, job: ReportJob): ReportJob {
  const { composed, orderFault } = job;
  if (!composed || orderFault !== null || isSigned(identity, job, composed)) return job;
  const error = { code: 'report_generation_failed', reason: 'stored_bytes', message: NOT_OURS };
  return { ...job, status: 'failed', error, composedFault: NOT_OURS };
}

function isSigned(identity: LogIdentity, job: ReportJob, composed: ComposedJob): boolean {
  const { accountId, id: reportId, format } = job;
  const { subject, sha256Hex, statement } = statedBytes(composed, format);
  return (
    sha256Hex === composed.sha256Hex &&
    statement !== null &&
    isStatementOf(identity, accountId, { subject, reportId, sha256Hex }, statement) &&
    statedEntryText(identity, accountId, entryOf(job, composed)) !== null
  );
}
