// Which entries of an account log are about a session, looked up by the session's id: its row may not name them, since
// whoever puts an older log back puts the row back too. A hint and never evidence: what an entry says is read in the log.
import { type Db, MongoBulkWriteError } from 'mongodb';
import type { LogEntry } from './log-entry.ts';

/** Which entries a session has: `_id` is the account's id, a slash and the session's. */
type StoredPlaces = {
  _id: string;
  indexes?: number[];
  reported?: Readonly<{ index: number; size: number; root_hex: string }>;
  /** Of the account's own row, whose `_id` is its id. */
  noted?: number;
};

/** Name of the collection. */
const LOG_PLACES = 'account_log_places';

/** Entries that a session was closed which it may have: each but the last was made before its log grew. More are nobody's. */
const PLACES_READ = 16;

/** An entry that a report on a session was issued: where it stands, and the root that it fixed at a size. */
export type ReportedPlace = Readonly<{ index: number; size: number; rootHex: string }>;

/** Where the entries about a session stand. */
export type SessionPlaces = Readonly<{
  /** The indexes of those that it was closed, ascending. */
  closed: readonly number[];
  /** Of the reports on it, one that saw the most of its log: only a report shows how long an open log was. */
  reported: ReportedPlace | null;
}>;

/** An entry about a session. `reported` is null of one that it was closed. */
export type PlacedEntry = Readonly<{ sessionId: string; index: number; reported: ReportedPlace | null }>;

/** What is noted of an entry; null for one about no single session. */
export function placeOf(entry: LogEntry | null, index: number): PlacedEntry | null {
  if (entry?.kind === 'session_closed') return { sessionId: entry.session_id, index, reported: null };
  if (entry?.kind !== 'report_issued' || entry.session_id === null) return null;
  const { session_id: sessionId, size, merkle_root_hex: rootHex } = entry;
  return { sessionId, index, reported: { index, size, rootHex } };
}

/** Where the sessions of account logs stand. */
export type LogPlaces = ReturnType<typeof createLogPlaces>;

/** All methods reject with the driver's error when the database is away. */
export function createLogPlaces(db: Db) {
  const places = db.collection<StoredPlaces>(LOG_PLACES);

  /**
   * Whoever writes to the database can leave a row that an update fails on, for its types or its size. Such a row is made
   * anew. The nightly check notes again what else it had.
   */
  async function write(updates: readonly Update[]): Promise<void> {
    if (updates.length === 0) return;
    try {
      await places.bulkWrite([...updates], { ordered: false });
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      // Another keeper that makes the row at the same time leaves one that is well.
      const failed = [error.writeErrors].flat().filter(({ code }) => code !== DUPLICATE_KEY);
      const ids = failed.flatMap(({ index }) => updates[index]?.updateOne.filter._id ?? []);
      await places.deleteMany({ _id: { $in: ids } });
      await places.bulkWrite([...updates], { ordered: false });
    }
  }

  async function raiseNoted(accountId: string, upTo: number): Promise<void> {
    // In place of `$max`, which would keep a value of another type for good.
    const isLower = { $or: [{ $nor: [{ noted: isAtLeast(upTo) }] }, { noted: Number.NaN }] };
    await write([
      upserted(accountId, { $setOnInsert: { noted: upTo } }),
      { updateOne: { filter: { _id: accountId, ...isLower }, update: { $set: { noted: upTo } } } },
    ]);
  }

  return {
    /** Nothing of what the log does not have, or is not noted yet. */
    async find(accountId: string, sessionId: string): Promise<SessionPlaces> {
      const row = await places.findOne({ _id: rowId(accountId, sessionId) });
      return { closed: readIndexes(row), reported: readReported(row) };
    },

    /** Up to which index of the log entries are noted. */
    async notedUpTo(accountId: string): Promise<number> {
      const row = await places.findOne({ _id: accountId });
      return isIndex(row?.noted) ? row.noted : 0;
    },

    /**
     * Notes those of these entries that `find` would not give: that a session was closed in front of all others, and of the
     * reports on it one that saw the most. `isTrue` tells whether a place that is noted is that of such a report. `mend` does the
     * writing. Resolves to how many there were.
     */
    async restore(
      accountId: string,
      placed: readonly PlacedEntry[],
      isTrue: (sessionId: string, reported: ReportedPlace) => Promise<boolean>,
      mend: (write: () => Promise<unknown>) => Promise<unknown> = (write) => write(),
    ): Promise<number> {
      if (placed.length === 0) return 0;
      const ids = [...new Set(placed.map(({ sessionId }) => rowId(accountId, sessionId)))];
      const rows = await places.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray();
      const stored = new Map(rows.map((row) => [row._id, row]));
      let restored = 0;
      for (const { sessionId, index } of placed.filter(({ reported }) => reported === null)) {
        const _id = rowId(accountId, sessionId);
        if (readIndexes(stored.get(_id) ?? null).includes(index)) continue;
        // Whatever else stands in the place of the array goes.
        const isNoList = { _id, indexes: { $exists: true, $not: { $type: 'array' } } } as object;
        await mend(() => places.updateOne(isNoList, { $unset: { indexes: '' } }));
        await mend(() => write([upserted(_id, { $push: { indexes: { $each: [index], $position: 0 } } })]));
        restored += 1;
      }
      for (const [sessionId, reported] of largestReported(placed)) {
        const _id = rowId(accountId, sessionId);
        const noted = readReported(stored.get(_id) ?? null);
        const holds = noted !== null && noted.size >= reported.size && (await isTrue(sessionId, noted));
        if (holds) continue;
        const update = { $set: { reported: toStored(reported) } };
        await mend(() => places.updateOne({ _id }, update, { upsert: true }));
        restored += 1;
      }
      return restored;
    },

    /** Forgets up to where entries are noted, so that all are noted again. */
    async forgetNoted(accountId: string): Promise<void> {
      await places.deleteOne({ _id: accountId });
    },

    /** Notes entries about sessions, then that all below `upTo` are. Safe to run twice. */
    async note(accountId: string, placed: readonly PlacedEntry[], upTo: number): Promise<void> {
      const closed = placed.flatMap(({ sessionId, index, reported }) =>
        reported === null ? [upserted(rowId(accountId, sessionId), { $addToSet: { indexes: index } })] : [],
      );
      const reports = [...largestReported(placed)].map(([sessionId, reported]) => ({
        _id: rowId(accountId, sessionId),
        reported,
      }));
      // A row has to be there before it is compared: an upsert by a filter that a row fails would make a second one.
      const made = reports.map(({ _id }) => upserted(_id, { $setOnInsert: { indexes: [] } }));
      const raised = reports.map(({ _id, reported }) => ({
        updateOne: {
          filter: { _id, $nor: [{ reported: NO_LIST, 'reported.size': isAtLeast(reported.size) }] },
          update: { $set: { reported: toStored(reported) } },
        },
      }));
      for (const updates of [[...closed, ...made], raised]) await write(updates);
      await raiseNoted(accountId, upTo);
    },
  };
}

const rowId = (accountId: string, sessionId: string) => `${accountId}/${sessionId}`;

const NO_LIST = { $not: { $type: 'array' } };

function isAtLeast(count: number) {
  return { $gte: count, $lte: Number.MAX_SAFE_INTEGER, ...NO_LIST };
}

type Update = { updateOne: { filter: { _id: string } & object; update: object; upsert?: true } };

/** Code of the driver's E11000. */
const DUPLICATE_KEY = 11000;

function upserted(_id: string, update: object): Update {
  return { updateOne: { filter: { _id }, update, upsert: true } };
}

/** By session, the first of the reports that saw the most of its log. */
function largestReported(placed: readonly PlacedEntry[]): ReadonlyMap<string, ReportedPlace> {
  const largest = new Map<string, ReportedPlace>();
  for (const { sessionId, reported } of placed) {
    if (reported && reported.size > (largest.get(sessionId)?.size ?? -1)) largest.set(sessionId, reported);
  }
  return largest;
}

/** The first of them, ascending: whoever writes to the database may leave anything. */
function readIndexes(row: StoredPlaces | null): number[] {
  const indexes = Array.isArray(row?.indexes) ? row.indexes : [];
  return indexes
    .filter(isIndex)
    .slice(0, PLACES_READ)
    .sort((a, b) => a - b);
}

function readReported(row: StoredPlaces | null): ReportedPlace | null {
  const { index, size, root_hex: rootHex } = row?.reported ?? {};
  return isIndex(index) && isIndex(size) && typeof rootHex === 'string' ? { index, size, rootHex } : null;
}

function toStored({ index, size, rootHex }: ReportedPlace): NonNullable<StoredPlaces['reported']> {
  return { index, size, root_hex: rootHex };
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
