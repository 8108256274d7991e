// Which account logs are stored, for a process that lost its signing key.
import type { Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { LOG_HEADS, type StoredLogHead } from './log-rows.ts';

/**
 * The origins of the stored account logs, sorted: as their last signed checkpoints state them, and of a log without one the
 * account's id. None where no log is stored. Rejects with the driver's error when the database is away.
 */
export async function findLogOrigins(db: Db): Promise<readonly string[]> {
  const heads = evidenceCollection<StoredLogHead>(db, LOG_HEADS);
  const rows = heads.find({}, { projection: { 'checkpoint.note': 1 } });
  const origins: string[] = [];
  for await (const { _id, checkpoint } of rows) {
    if (isId('account', _id)) origins.push(originIn(checkpoint?.note) ?? _id);
  }
  return origins.sort();
}

/** Whoever writes to the database may leave anything here, and operators are shown it. */
function originIn(note: unknown): string | null {
  const [origin = ''] = typeof note === 'string' ? note.split('\n') : [];
  return /^[!-*,-~]{1,255}$/.test(origin) ? origin : null;
}
