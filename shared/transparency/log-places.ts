// Which entries of an account log are about a session, looked up by the session's id: its row may not name them, since
// whoever puts an older log back puts the row back too. A hint and never evidence: what an entry says is read in the log.
import type { Db } from 'mongodb';

/** Which entries a session has: `_id` is the account's id, a slash and the session's. */
type StoredPlaces = { _id: string; indexes?: number[]; through?: number };

/** Name of the collection. */
const LOG_PLACES = 'account_log_places';

/** Entries that a session may have: each but the last was made before its log grew. More are nobody's. */
const PLACES_READ = 16;

/** An entry about a session. */
export type PlacedSession = Readonly<{ sessionId: string; index: number }>;

/** Where the sessions of account logs stand. */
export type LogPlaces = ReturnType<typeof createLogPlaces>;

/** All methods reject with the driver's error when the database is away. */
export function createLogPlaces(db: Db) {
  const places = db.collection<StoredPlaces>(LOG_PLACES);
  return {
    /** The indexes of a session's entries, ascending; none where the log has none, or they are not noted yet. */
    async find(accountId: string, sessionId: string): Promise<number[]> {
      return readIndexes(await places.findOne({ _id: `${accountId}/${sessionId}` }));
    },

    /** Up to which index of the log sessions are noted. */
    async through(accountId: string): Promise<number> {
      const row = await places.findOne({ _id: accountId });
      return Number.isSafeInteger(row?.through) ? Math.max(0, row?.through as number) : 0;
    },

    /** Notes those of these entries that `find` would not give, in front of all others. Resolves to how many there were. */
    async restore(accountId: string, placed: readonly PlacedSession[]): Promise<number> {
      if (placed.length === 0) return 0;
      const ids = [...new Set(placed.map(({ sessionId }) => `${accountId}/${sessionId}`))];
      const rows = await places.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray();
      const noted = new Map(rows.map((row) => [row._id, readIndexes(row)]));
      const missing = placed.filter(
        ({ sessionId, index }) => !noted.get(`${accountId}/${sessionId}`)?.includes(index),
      );
      for (const { sessionId, index } of missing) {
        const _id = `${accountId}/${sessionId}`;
        // Whatever else stands in the place of the array goes.
        await places.updateOne({ _id, indexes: { $exists: true, $not: { $type: 'array' } } } as object, {
          $unset: { indexes: '' },
        });
        await places.updateOne(
          { _id },
          { $push: { indexes: { $each: [index], $position: 0 } } },
          { upsert: true },
        );
      }
      return missing.length;
    },

    /** Forgets up to where sessions are noted, so that all are noted again. */
    async forgetThrough(accountId: string): Promise<void> {
      await places.deleteOne({ _id: accountId });
    },

    /** Notes the entries of sessions, then that all below `through` are. Safe to run twice. */
    async note(accountId: string, placed: readonly PlacedSession[], through: number): Promise<void> {
      const updates = placed.map(({ sessionId, index }) => ({
        updateOne: {
          filter: { _id: `${accountId}/${sessionId}` },
          update: { $addToSet: { indexes: index } },
          upsert: true,
        },
      }));
      if (updates.length > 0) await places.bulkWrite(updates, { ordered: false });
      await places.updateOne({ _id: accountId }, { $max: { through } }, { upsert: true });
    },
  };
}

/** The first of them, ascending: whoever writes to the database may leave anything. */
function readIndexes(row: StoredPlaces | null): number[] {
  const indexes = Array.isArray(row?.indexes) ? row.indexes : [];
  return indexes
    .filter((index) => Number.isSafeInteger(index) && index >= 0)
    .slice(0, PLACES_READ)
    .sort((a, b) => a - b);
}
