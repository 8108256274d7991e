// Rows by the entry of the account log that they name: sessions, policies and reports all have `log_due` while the log
// lacks them, and `log_index` afterwards. Whoever writes to the database can change either.
import type { Collection, Filter } from 'mongodb';

/** A row, and the index of the entry that it names. */
export type NamedEntry = Readonly<{ id: string; index: number }>;

type Row = { _id: string; account_id: string; log_index?: number };

/** Rows that are read at a time. */
const EACH = 256;

/** Rows that name no entry of any log. */
export const NAMES_NO_ENTRY = { $nor: [{ log_index: { $gte: 0 } }] };

/** All methods reject with the driver's error when the database is away. */
export function createNamedEntries<Stored extends Row>(collection: Collection<Stored>) {
  const rows = collection as unknown as Collection<Row>;

  return {
    /** How many rows name an entry from `index` on. */
    countNamedFrom(accountId: string, index: number): Promise<number> {
      return rows.countDocuments({ account_id: accountId, log_index: { $gte: index } });
    },

    /** How many rows name an entry below `size`. */
    countNamedBelow(accountId: string, size: number): Promise<number> {
      return rows.countDocuments({ account_id: accountId, log_index: { $gte: 0, $lt: size } });
    },

    /** The rows that name an entry below `size`, by id, in pages. */
    async *listNamedBelow(accountId: string, size: number): AsyncGenerator<NamedEntry[]> {
      const filter: Filter<Row> = { account_id: accountId, log_index: { $gte: 0, $lt: size } };
      for (let afterId = ''; ; ) {
        const page = await rows
          .find({ ...filter, _id: { $gt: afterId } }, { projection: { log_index: 1 } })
          .sort({ _id: 1 })
          .limit(EACH)
          .batchSize(EACH + 1)
          .toArray();
        const last = page.at(-1);
        if (last === undefined) return;
        yield page.map(({ _id, log_index }) => ({ id: _id, index: log_index as number }));
        afterId = last._id;
      }
    },

    /** Takes the entry that a row names from it, unless it names another by now. */
    async forgetEntry(accountId: string, { id, index }: NamedEntry): Promise<void> {
      const filter = { _id: id, account_id: accountId, log_index: index };
      await rows.updateOne(filter, { $unset: { log_index: '' } });
    },
  };
}
