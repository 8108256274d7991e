// The ledgers of all accounts at once, for the operator's commands.
import type { Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { type LedgerEntry, REPORTS, type StoredReport } from './report-ledger.ts';

/** A session that reports were issued on, and how many. */
export type ReportedSession = LogRef & Readonly<{ reports: number }>;

/**
 * A ledger entry as a check of a report needs it. `pdfSha256Hex` is undefined in an entry that an earlier version of
 * the program wrote, which recorded no PDF.
 */
export type IssuedReport = Pick<LedgerEntry, 'scope' | 'sessionId' | 'rootHex' | 'size' | 'jsonSha256Hex'> &
  Readonly<{
    accountId: string;
    pdfSha256Hex: string | null | undefined;
    /** The signed note over its JSON; null where the row has none. */
    statement: string | null;
    /** The entry of the account log that the row names; null for none. */
    logIndex: number | null;
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

/** A row of the ledger that says its format, as each has that was recorded since statements are signed. */
export type StatedRow = Readonly<{
  /** Null where it is no report's. */
  id: string | null;
  accountId: string;
  jsonSha256Hex: string;
  statement: string | null;
}>;

/** Every row of the ledger that says its format, in no order. Rejects with the driver's error when the database is away. */
export async function* listStatedRows(db: Db): AsyncGenerator<StatedRow> {
  const rows = evidenceCollection<StoredReport>(db, REPORTS).find({ format: { $exists: true } } as object, {
    projection: { account_id: 1, json_sha256: 1, statement: 1 },
    batchSize: BATCH,
  });
  for await (const row of rows) {
    yield {
      id: isId('report', row._id) ? row._id : null,
      accountId: textOf(row.account_id),
      jsonSha256Hex: textOf(row.json_sha256),
      statement: statementOf(row),
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
    root_hex: 1,
    size: 1,
    json_sha256: 1,
    pdf_sha256: 1,
    statement: 1,
    log_index: 1,
  };
  const row = await evidenceCollection<StoredReport>(db, REPORTS).findOne({ _id: reportId }, { projection });
  return (
    row && {
      accountId: row.account_id,
      scope: row.scope,
      sessionId: row.session_id ?? null,
      rootHex: row.root_hex,
      size: row.size,
      jsonSha256Hex: row.json_sha256,
      pdfSha256Hex: row.pdf_sha256,
      statement: statementOf(row),
      logIndex: isLogIndex(row.log_index) ? row.log_index : null,
    }
  );
}

/** Whoever writes to the database may leave any type. What is no text is a statement that nobody signed. */
function statementOf({ statement }: Pick<StoredReport, 'statement'>): string | null {
  return statement === undefined || statement === null ? null : textOf(statement);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
