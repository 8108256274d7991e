import { type Db, type Filter, MongoServerError, type UpdateFilter } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

type Rename = Readonly<{
  /** Indexes over the old field. Where there is one of them, there may be such fields. */
  indexes: readonly string[];
  rows: Filter<StoredSession>;
  update: UpdateFilter<StoredSession>;
}>;

const RENAMES: readonly Rename[] = [
  // Before the glossary, a failed log's mark.
  {
    indexes: ['log_wrong.found_at_1'],
    rows: { 'log_wrong.found_at': { $exists: true }, log_failed: { $exists: false } },
    update: { $rename: { log_wrong: 'log_failed' } },
  },
  // Before rows that are damaged had a mark, the mark of a log whose key was not configured.
  {
    indexes: ['account_id_1_key_missing_1', 'key_missing_1'],
    rows: { key_missing: { $type: 'string' }, log_unverifiable: { $exists: false } } as Filter<StoredSession>,
    update: {
      $rename: { key_missing: 'log_unverifiable.key_id' },
      $set: { 'log_unverifiable.reason': 'unknown_key' },
    },
  },
];

const INDEX_NOT_FOUND = 27;

/**
 * Gives fields of earlier releases the names that they have now. An old index says that there may be such fields, and
 * is dropped last: a database is searched once, and once more if that was interrupted. A mark that was made under the
 * new name meanwhile stays. Requires that the collection exists. Rejects with the driver's error.
 */
export async function renameOldFields(db: Db): Promise<void> {
  const sessions = evidenceCollection<StoredSession>(db, SESSIONS);
  const names = new Set((await sessions.indexes()).map(({ name }) => name));
  for (const { indexes, rows, update } of RENAMES) {
    const old = indexes.filter((name) => names.has(name));
    if (old.length === 0) continue;
    await sessions.updateMany(rows, update);
    for (const name of old) {
      try {
        await sessions.dropIndex(name);
      } catch (error) {
        // Another process that starts at the same time dropped it first.
        if (!(error instanceof MongoServerError && error.code === INDEX_NOT_FOUND)) throw error;
      }
    }
  }
}
