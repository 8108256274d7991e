import { type Db, MongoServerError } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { SESSIONS } from './session-row.ts';

/** Releases before the glossary stored a failed log's mark as `log_wrong`, with this index over it. */
const OLD_INDEX = 'log_wrong.found_at_1';
const INDEX_NOT_FOUND = 27;

/**
 * Gives fields of earlier releases the names that they have now. The old index says that there may be such fields, and
 * is dropped last: a database is searched once, and once more if that was interrupted. A mark that was made under the
 * new name meanwhile stays. Requires that the collection exists. Rejects with the driver's error.
 */
export async function renameOldFields(db: Db): Promise<void> {
  const sessions = evidenceCollection(db, SESSIONS);
  const indexes = await sessions.indexes();
  if (!indexes.some(({ name }) => name === OLD_INDEX)) return;
  await sessions.updateMany(
    { 'log_wrong.found_at': { $exists: true }, log_failed: { $exists: false } },
    { $rename: { log_wrong: 'log_failed' } },
  );
  try {
    await sessions.dropIndex(OLD_INDEX);
  } catch (error) {
    // Another process that starts at the same time dropped it first.
    if (!(error instanceof MongoServerError && error.code === INDEX_NOT_FOUND)) throw error;
  }
}
