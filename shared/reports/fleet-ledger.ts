// The ledgers of all accounts at once, for the operator's commands.
import type { Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { isTime } from '../time/is-time.ts';
import { presentStoredTime } from '../time/present-time.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { isRecorded, type LedgerEntry, REPORTS, type StoredReport, toRecorded } from './report-row.ts';

/** A session that reports were issued on, and how many. */
export type ReportedSession = LogRef & Readonly<{ reports: number }>;

/**
 * A ledger entry as a check of a report needs it. `pdfSha256Hex` is undefined in an entry that an earlier version of
 * the program wrote, which recorded no PDF.
 */
export type IssuedReport = Pick<LedgerEntry, 'scope' | 'sessionId' | 'rootHex' | 'size' | 'jsonSha256Hex'> &
  StatedPdf &
  Readonly<{
    id: string;
    accountId: string;
    /** Null where the row has none. */
    agentId: string | null;
    userId: string;
    /** Times as reports have them; null where the row has no time there. */
    since: string | null;
    until: string | null;
    generatedAt: string | null;
    /** The signed note over its JSON; null where the row has none. */
    statement: string | null;
    /** The entry of the account log that the row names; null for none. */
    logIndex: number | null;
  }>;

/** What a row of the ledger says of a report's PDF. */
export type StatedPdf = Readonly<{
  /** Null where JSON alone was issued. */
  pdfSha256Hex: string | null | undefined;
  /** The signed note over its PDF; null where the row has none. */
  pdfStatement: string | null;
  /** Whether the row says that the report was issued as a PDF. */
  isPdf: boolean;
}>;

const BATCH = 10_000;

/**
 * Every session that the ledger names, in the order of accounts and sessions, whether or not it is stored. Rejects with
 * the driver's error when the database is away.
 */
export async function* listReportedSessions(db: Db): AsyncGenerator<ReportedSession> {
  const rows = evidenceCollection<StoredReport>(db, REPORTS).find(
    // Reports over many sessions name none: their roots are over roots.
    { session_id: { $gt: '' } },
    {
      projection: { _id: 0, account_id: 1, session_id: 1 },
      sort: { account_id: 1, session_id: 1 },
      batchSize: BATCH,
    },
  );
  let session = { accountId: '', sessionId: '' };
  let reports = 0;
  for await (const { account_id: accountId, session_id: sessionId = '' } of rows) {
    if (session.accountId !== accountId || session.sessionId !== sessionId) {
      if (reports > 0) yield { ...session, reports };
      session = { accountId, sessionId };
      reports = 0;
    }
    reports += 1;
  }
  if (reports > 0) yield { ...session, reports };
}

/** A row of the ledger that says its format or has a statement, as each that was recorded since statements are signed. */
export type StatedRow = StatedPdf &
  Readonly<{
    /** Null where it is no report's. */
    id: string | null;
    accountId: string;
    jsonSha256Hex: string;
    statement: string | null;
  }>;

/**
 * Every row of the ledger that says its format or has a statement, in no order. Rejects with the driver's error when the
 * database is away.
 */
export async function* listStatedRows(db: Db): AsyncGenerator<StatedRow> {
  const rows = evidenceCollection<StoredReport>(db, REPORTS).find(
    { $or: [{ format: { $exists: true } }, { statement: { $exists: true } }] } as object,
    {
      projection: { account_id: 1, json_sha256: 1, statement: 1, ...OF_PDF },
      batchSize: BATCH,
    },
  );
  for await (const row of rows) {
    yield {
      id: isId('report', row._id) ? row._id : null,
      accountId: textOf(row.account_id),
      jsonSha256Hex: textOf(row.json_sha256),
      statement: noteOf(row.statement),
      ...pdfOf(row),
    };
  }
}

/** A row of the ledger in the form of before formats and statements were kept. */
export type UnstatedRow = Readonly<{
  /** Null where it is no report's. */
  id: string | null;
  accountId: string;
  /** Null where it is no time. */
  generatedAt: Date | null;
  /** Whether it names an entry of the account log, which takes up signed reports alone. */
  isLogged: boolean;
}>;

/** Every row that `listStatedRows` leaves out, in no order. Rejects with the driver's error when the database is away. */
export async function* listUnstatedRows(db: Db): AsyncGenerator<UnstatedRow> {
  const rows = evidenceCollection<StoredReport>(db, REPORTS).find(
    { format: { $exists: false }, statement: { $exists: false } } as object,
    { projection: { account_id: 1, generated_at: 1, log_index: 1 }, batchSize: BATCH },
  );
  for await (const { _id, account_id: accountId, generated_at: generatedAt, log_index: logIndex } of rows) {
    yield {
      id: isId('report', _id) ? _id : null,
      accountId: textOf(accountId),
      generatedAt: isTime(generatedAt) ? generatedAt : null,
      isLogged: logIndex !== undefined,
    };
  }
}

/**
 * The ledger entry of a report of any account, or null: for commands, which find out by it that a report names an
 * account other than its own. Rejects with the driver's error when the database does not answer.
 */
export async function findIssuedReport(db: Db, reportId: string): Promise<IssuedReport | null> {
  const projection = {
    account_id: 1,
    scope: 1,
    session_id: 1,
    agent_id: 1,
    user_id: 1,
    since: 1,
    until: 1,
    generated_at: 1,
    root_hex: 1,
    size: 1,
    json_sha256: 1,
    statement: 1,
    ...OF_PDF,
    log_index: 1,
  };
  const row = await evidenceCollection<StoredReport>(db, REPORTS).findOne({ _id: reportId }, { projection });
  return (
    row && {
      id: row._id,
      accountId: textOf(row.account_id),
      scope: row.scope,
      sessionId: row.session_id ?? null,
      agentId: row.agent_id ?? null,
      userId: textOf(row.user_id),
      since: presentStoredTime(row.since),
      until: presentStoredTime(row.until),
      generatedAt: presentStoredTime(row.generated_at),
      rootHex: row.root_hex,
      size: row.size,
      jsonSha256Hex: row.json_sha256,
      statement: noteOf(row.statement),
      ...pdfOf(row),
      logIndex: isLogIndex(row.log_index) ? row.log_index : null,
    }
  );
}

const OF_PDF = { pdf_sha256: 1, pdf_statement: 1, format: 1 } as const;

function pdfOf({
  pdf_sha256: pdfSha256Hex,
  pdf_statement: note,
  format,
}: Pick<StoredReport, keyof typeof OF_PDF>): StatedPdf {
  return { pdfSha256Hex, pdfStatement: noteOf(note), isPdf: format === 'pdf' };
}

/** Whoever writes to the database may leave any type. What is no text is a statement that nobody signed. */
function noteOf(statement: unknown): string | null {
  return statement === undefined || statement === null ? null : textOf(statement);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** How many rows the ledger has of an account. Rejects with the driver's error when the database is away. */
export function countReports(db: Db, accountId: string): Promise<number> {
  return evidenceCollection<StoredReport>(db, REPORTS).countDocuments({ account_id: accountId });
}

/**
 * Every report of an account, in ascending order of ids; null for a row that no report made. Rejects with the driver's error
 * when the database is away.
 */
export async function* listReports(db: Db, accountId: string): AsyncGenerator<LedgerEntry | null> {
  const rows = evidenceCollection<StoredReport>(db, REPORTS).find(
    { account_id: accountId },
    { sort: { _id: 1 }, batchSize: 1_000 },
  );
  for await (const row of rows) {
    yield row.account_id === accountId && isRecorded(row) ? toRecorded(row) : null;
  }
}
