// An account's issued reports as the account log takes them up.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { isRecorded, type LedgerEntry, REPORTS, type StoredReport, toRecorded } from './report-row.ts';
import type { WideFormat } from './wide-formats.ts';

/** A report that was issued with a statement, and that the account log lacks. */
export type ReportForLog = LedgerEntry & Readonly<{ statement: string; format: WideFormat }>;

/** What the account log needs of an account's reports. */
export type LoggedReports = ReturnType<typeof createLoggedReports>;

/** All methods reject with the driver's error when the database is away. */
export function createLoggedReports(db: Db) {
  const reports: Collection<StoredReport> = evidenceCollection(db, REPORTS);

  return {
    /** Reports that the account log lacks, by id, at most `limit`. Passes over rows that no report made. */
    async listDue(accountId: string, limit: number): Promise<ReportForLog[]> {
      const rows = await reports
        .find({ account_id: accountId, log_due: true }, { batchSize: limit + 1 })
        .limit(limit)
        .toArray();
      return rows.filter(isRecorded).flatMap((row) => {
        const { statement, format, ...entry } = toRecorded(row);
        if (statement === null || format === null) return [];
        return [{ ...entry, statement, format }];
      });
    },

    /** These reports by id; one that the account does not have, or that no report made, is left out. */
    async findLogged(
      accountId: string,
      reportIds: readonly string[],
    ): Promise<ReadonlyMap<string, LedgerEntry>> {
      if (reportIds.length === 0) return new Map();
      const rows = await reports
        .find({ _id: { $in: [...reportIds] } }, { batchSize: reportIds.length + 1 })
        .toArray();
      const ours = rows.filter((row) => row.account_id === accountId && isRecorded(row));
      return new Map(ours.map((row) => [row._id, toRecorded(row)]));
    },

    /** How many rows name an entry from `index` on. */
    countNamedFrom(accountId: string, index: number): Promise<number> {
      return reports.countDocuments({ account_id: accountId, log_index: { $gte: index } });
    },

    /** Notes which entries hold these reports. */
    async markLogged(
      accountId: string,
      logged: readonly Readonly<{ reportId: string; index: number }>[],
    ): Promise<void> {
      if (logged.length === 0) return;
      await reports.bulkWrite(
        logged.map(({ reportId, index }) => ({
          updateOne: {
            filter: { _id: reportId, account_id: accountId },
            update: { $set: { log_index: index }, $unset: { log_due: '' } },
          },
        })),
        { ordered: false },
      );
    },
  };
}
