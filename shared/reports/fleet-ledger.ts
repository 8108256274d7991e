// The ledgers of all accounts at once, for the operator's commands.
import type { Db } from 'mongodb';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { REPORTS } from './report-ledger.ts';

/** A session that reports were issued on, and how many. */
export type ReportedSession = LogRef & Readonly<{ reports: number }>;

const BATCH = 10_000;

/**
 * Every session that the ledger names, in the order of accounts and sessions, whether or not it is stored. Rejects with
 * the driver's error when the database is away.
 */
export async function* listReportedSessions(db: Db): AsyncGenerator<ReportedSession> {
  const rows = evidenceCollection<{ _id: string; account_id: string; session_id: string }>(db, REPORTS).find(
    {},
    {
      projection: { _id: 0, account_id: 1, session_id: 1 },
      sort: { account_id: 1, session_id: 1 },
      batchSize: BATCH,
    },
  );
  let session = { accountId: '', sessionId: '' };
  let reports = 0;
  for await (const { account_id: accountId, session_id: sessionId } of rows) {
    if (session.accountId !== accountId || session.sessionId !== sessionId) {
      if (reports > 0) yield { ...session, reports };
      session = { accountId, sessionId };
      reports = 0;
    }
    reports += 1;
  }
  if (reports > 0) yield { ...session, reports };
}
