// An account's issued reports as the account log takes them up.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { createNamedEntries, NAMES_NO_ENTRY } from '../transparency/named-entries.ts';
import { isRecorded, type LedgerEntry, REPORTS, type StoredReport, toRecorded } from './report-row.ts';

/** A row that the account log lacks. `report` is null where no report made it. */
export type DueReport = Readonly<{ id: unknown; report: LedgerEntry | null }>;

const BATCH = 1_000;

/** What the account log needs of an account's reports. */
export type LoggedReports = ReturnType<typeof createLoggedReports>;

/** All methods reject with the driver's error when the database is away. */
export function createLoggedReports(db: Db) {
  const reports: Collection<StoredReport> = evidenceCollection(db, REPORTS);

  return {
    ...createNamedEntries(reports),

    /** Every row that the account log lacks, in no order. */
    async *readDue(accountId: string): AsyncGenerator<DueReport> {
      const rows = reports.find({ account_id: accountId, log_due: true }, { batchSize: BATCH });
      for await (const row of rows) yield { id: row._id, report: isRecorded(row) ? toRecorded(row) : null };
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

    /** Names the entry of a report that its row contradicts, which stays due. */
    async nameEntry(
      accountId: string,
      { reportId, index }: Readonly<{ reportId: string; index: number }>,
    ): Promise<void> {
      const filter = { _id: reportId, account_id: accountId, log_index: { $ne: index } };
      await reports.updateOne(filter, { $set: { log_index: index } });
    },

    /** Makes signed reports due that no entry holds: whoever writes to the database can make them so. */
    async makeDue(accountId: string): Promise<void> {
      await reports.updateMany({ account_id: accountId, ...UNLOGGED } as object, { $set: { log_due: true } });
    },

    /** How many signed reports name no entry, and are not due for one. */
    countUnlogged(accountId: string): Promise<number> {
      return reports.countDocuments({ account_id: accountId, ...UNLOGGED } as object);
    },
  };
}

const UNLOGGED = { statement: { $exists: true }, log_due: { $ne: true }, ...NAMES_NO_ENTRY };
