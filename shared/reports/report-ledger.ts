// The ledger of issued reports: who asked, for what, what root was stated. Never a report's bytes.
import type { Collection, Db } from 'mongodb';
import type { Anchor } from '../audit/log-record.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';

/** One issued report. `until` is null while the session is open; `rootHex` is 64 hex digits. */
export type LedgerEntry = Readonly<{
  /** The report's id. */
  id: string;
  userId: string;
  scope: 'session';
  sessionId: string;
  /** Start and end of what the report covers; the end is null while the session is open. */
  since: Date;
  until: Date | null;
  rootHex: string;
  /** Entries under that root. */
  size: number;
  generatedAt: Date;
  /** Over the bytes of the report's JSON. */
  jsonSha256Hex: string;
}>;

type StoredReport = {
  _id: string;
  account_id: string;
  user_id: string;
  scope: 'session';
  session_id: string;
  since: Date;
  until: Date | null;
  root_hex: string;
  size: number;
  generated_at: Date;
  json_sha256: string;
};

/** Name of the collection. */
export const REPORTS = 'reports';

/** Indexes of the ledger: the reports of a session, the one on most entries first. */
export const LEDGER_INDEXES: readonly IndexSpec[] = [
  { collection: REPORTS, key: { account_id: 1, session_id: 1, size: -1, generated_at: -1 } },
];

/** The issued reports of an account. */
export type ReportLedger = ReturnType<typeof createReportLedger>;

/** Records and finds issued reports. All methods reject with the driver's error when the database does not answer. */
export function createReportLedger(db: Db) {
  const reports: Collection<StoredReport> = db.collection(REPORTS);

  return {
    async record(accountId: string, entry: LedgerEntry): Promise<void> {
      await reports.insertOne({
        _id: entry.id,
        account_id: accountId,
        user_id: entry.userId,
        scope: entry.scope,
        session_id: entry.sessionId,
        since: entry.since,
        until: entry.until,
        root_hex: entry.rootHex,
        size: entry.size,
        generated_at: entry.generatedAt,
        json_sha256: entry.jsonSha256Hex,
      });
    },

    /** What is recorded of one report, or null. */
    async find(
      accountId: string,
      reportId: string,
    ): Promise<Pick<LedgerEntry, 'sessionId' | 'rootHex' | 'size' | 'jsonSha256Hex'> | null> {
      const row = await reports.findOne(
        { _id: reportId, account_id: accountId },
        { projection: { session_id: 1, root_hex: 1, size: 1, json_sha256: 1 } },
      );
      return (
        row && {
          sessionId: row.session_id,
          rootHex: row.root_hex,
          size: row.size,
          jsonSha256Hex: row.json_sha256,
        }
      );
    },

    /**
     * The root over the most entries that a report on this session stated; null when there was none. Not the root of the
     * report made last: one that took long may be on fewer entries than one before it.
     */
    async reportedRoot(accountId: string, sessionId: string): Promise<Anchor | null> {
      const row = await reports.findOne(
        { account_id: accountId, session_id: sessionId },
        { projection: { root_hex: 1, size: 1 }, sort: { size: -1, generated_at: -1 } },
      );
      return row && { source: 'reported', size: row.size, rootHex: row.root_hex };
    },
  };
}
