// Gives sessions of earlier releases the mark of their opening, once, so that they go on. Only a start of the API does this:
// it stands for the rows as they are then, and says how many they were. Later there are none, unless somebody took marks off.
import type { AnyBulkWriteOperation, Db } from 'mongodb';
import type { Logger } from 'pino';
import type { Keyring } from '../audit/audit-keys.ts';
import { openingMarkOf } from '../audit/opening.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { RECORDED_SNAPSHOT_FIELDS, SESSIONS, type StoredSession, toRecordedSnapshot } from './session-row.ts';
import { markOpening } from './session-states.ts';

/** Rows that are marked by one write. */
const BATCH = 1_000;

/**
 * Marks every unsealed session of all accounts that has no mark and whose key is configured. A row that is damaged stays as
 * it is, and so does one of a key that may not prove it. Gives how many were marked. Several processes may call it at once.
 * Rejects with the driver's error.
 */
export async function markOpenings(db: Db, keyring: Keyring): Promise<number> {
  const sessions = evidenceCollection<StoredSession>(db, SESSIONS);
  const unmarked = { 'log.seal': null, 'log.opening': { $exists: false } } as const;
  const rows = sessions.find(unmarked, { projection: RECORDED_SNAPSHOT_FIELDS, batchSize: BATCH });
  let marked = 0;
  let updates: AnyBulkWriteOperation<StoredSession>[] = [];
  const write = async () => {
    if (updates.length > 0) marked += (await sessions.bulkWrite(updates, { ordered: false })).modifiedCount;
    updates = [];
  };
  for await (const row of rows) {
    const update = markOf(row, keyring);
    if (update) updates.push({ updateOne: update });
    if (updates.length === BATCH) await write();
  }
  await write();
  return marked;
}

function markOf(row: StoredSession, keyring: Keyring) {
  const { session, damage } = toRecordedSnapshot(row);
  if (damage?.isRecorded) return null;
  const { key } = keyring.find({ ...session, ...session.log });
  return key && markOpening(session, openingMarkOf(key.openingKey, session));
}

/** Logs a warning with how many sessions were marked; nothing where there were none. */
export function logMarked(count: number, log: Pick<Logger, 'warn'>): void {
  if (count > 0) log.warn({ sessions: count }, MARKED);
}

const MARKED =
  'sessions without a seal had no opening mark and got one: this is expected once, at the first start of a release that marks them; later it says that somebody took marks off, or put rows in: compare open sessions with a backup';
