// Rows by the entry of the account log that they name: sessions, policies and reports all have `log_due` while the log
// lacks them, and `log_index` afterwards. Whoever writes to the database can change either.
import type { Collection, Filter } from 'mongodb';

/** A row, and the index of the entry that it names. */
export type NamedEntry = Readonly<{ id: string; index: number }>;

/** The key of an index of rows by the entry that they name. */
export const BY_ENTRY = { account_id: 1, log_index: 1 } as const;

type Row = { _id: string; account_id: string; log_index?: number };

/** Rows that are read at a time. */
const EACH = 256;

/** Rows that name no entry of any log. */
export const NAMES_NO_ENTRY = { $nor: [{ log_index: { $gte: 0 } }] };

/** All methods reject with the driver's error when the database is away. */
export function createNamedEntries<Stored extends Row>(collection: Collection<Stored>) {
  const rows = collection as unknown as Collection<Row>;

  async function* listNamed(accountId: string, index: object): AsyncGenerator<NamedEntry[]> {
    const filter = { account_id: accountId, log_index: index } as Filter<Row>;
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
  }

  return {
    /** The largest index that a row names; null where none does. */
    async largestNamed(accountId: string): Promise<number | null> {
      const isNumber = { $gte: 0, $lte: Number.MAX_SAFE_INTEGER, $not: { $type: 'array' } };
      const [row] = await rows
        .find({ account_id: accountId, log_index: isNumber } as Filter<Row>, { projection: { log_index: 1 } })
        .sort({ log_index: -1 })
        .limit(1)
        .toArray();
      return row?.log_index ?? null;
    },

    /** How many rows name an entry below `size`. */
    countNamedBelow(accountId: string, size: number): Promise<number> {
      return rows.countDocuments({ account_id: accountId, log_index: { $gte: 0, $lt: size } });
    },

    /** The rows that name an entry below `size`, by id, in pages. */
    listNamedBelow: (accountId: string, size: number) => listNamed(accountId, { $gte: 0, $lt: size }),

    /** The rows that name an entry from `first` to `last`, by id, in pages. */
    listNamedFrom: (accountId: string, first: number, last: number) =>
      listNamed(accountId, { $gte: first, $lte: last }),

    /** Takes the entry that a row names from it, unless it names another by now. */
    async forgetEntry(accountId: string, { id, index }: NamedEntry): Promise<void> {
      const filter = { _id: id, account_id: accountId, log_index: index };
      await rows.updateOne(filter, { $unset: { log_index: '' } });
    },
  };
}
