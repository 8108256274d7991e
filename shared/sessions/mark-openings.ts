// Gives sessions of earlier releases the mark of their opening. Only an operator's command does this, once, who answers for
// the rows as they are then: a key would else stand for whatever somebody wrote there.
import type { Db } from 'mongodb';
import type { Logger } from 'pino';
import type { Keyring } from '../audit/audit-keys.ts';
import { openingMarkOf } from '../audit/opening.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { RecordedSession } from './session.ts';
import { RECORDED_SNAPSHOT_FIELDS, SESSIONS, type StoredSession, toRecordedSnapshot } from './session-row.ts';
import { markOpening } from './session-states.ts';

/** Rows that are read at once. */
const BATCH = 1_000;

/** An import marks what it brings when it publishes it. */
const UNMARKED = {
  'log.seal': null,
  'log.opening': { $exists: false },
  importing: { $ne: true },
} as const;

/** A session without a mark, and why it can have none: its row is damaged, or no configured key may prove its log. */
export type Unmarked = Readonly<{
  session: RecordedSession;
  problem: Readonly<{ damaged: string } | { missingKey: string }> | null;
}>;

/** How many sessions of all accounts have neither a seal nor a mark. Rejects with the driver's error. */
export function countUnmarked(db: Db): Promise<number> {
  return evidenceCollection<StoredSession>(db, SESSIONS).countDocuments(UNMARKED);
}

/** These sessions, of one account or of all, in ascending order of ids. Rejects with the driver's error. */
export async function* listUnmarked(
  db: Db,
  keyring: Keyring,
  accountId: string | null,
): AsyncGenerator<Unmarked> {
  const rows = evidenceCollection<StoredSession>(db, SESSIONS)
    .find({ ...UNMARKED, ...(accountId !== null && { account_id: accountId }) })
    .project<StoredSession>(RECORDED_SNAPSHOT_FIELDS)
    .sort({ _id: 1 })
    .batchSize(BATCH);
  for await (const row of rows) {
    const { session, damage } = toRecordedSnapshot(row);
    if (damage?.isRecorded) yield { session, problem: { damaged: damage.field } };
    else {
      const { key } = keyring.find({ ...session, ...session.log });
      yield { session, problem: key ? null : { missingKey: session.log.keyId } };
    }
  }
}

/**
 * Marks a session that `listUnmarked` gave without a problem. False where another process did, or the row was changed since.
 * Rejects with the driver's error.
 */
export async function markUnmarked(db: Db, keyring: Keyring, session: RecordedSession): Promise<boolean> {
  const { key } = keyring.find({ ...session, ...session.log });
  if (!key) throw new TypeError('A session is marked with its key');
  const { filter, update } = markOpening(session, openingMarkOf(key.openingKey, session));
  const sessions = evidenceCollection<StoredSession>(db, SESSIONS);
  return (await sessions.updateOne(filter, update)).modifiedCount === 1;
}

/** Logs a warning with how many sessions have no mark; nothing where there are none. */
export function logUnmarked(count: number, log: Pick<Logger, 'warn'>): void {
  if (count > 0) log.warn({ sessions: count }, NO_MARK);
}

const NO_MARK =
  'sessions without a seal have no opening mark: open ones are unverifiable and take no events, and the account log takes up no ended ones. After an upgrade from a release without marks, npm run backfill -- --openings gives them one; at any other time somebody took marks off, or put rows in: compare these sessions with a backup';
