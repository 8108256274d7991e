// The segments of all accounts at once, by their ids alone, for the operator's commands.
import type { Collection, Db } from 'mongodb';
import type { LogRef } from '../audit/log-record.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import { storedText } from '../mongo/stored-text.ts';
import { SEGMENTS } from './segment.ts';

/** A log that has segments, and what stands after the log's name in each of their ids, as it is stored. */
export type StoredLog = LogRef & Readonly<{ indexes: readonly string[] }>;

const BATCH = 10_000;

/**
 * Every log that has a segment, in ascending order of ids, whether or not a session is stored for it. Memory holds one
 * log's ids. Rejects with the driver's error when the database is away.
 */
export async function* listStoredLogs(db: Db): AsyncGenerator<StoredLog> {
  const segments: Collection<{ _id: string }> = evidenceCollection(db, SEGMENTS);
  const ids = segments.find({}, { projection: { _id: 1 }, sort: { _id: 1 }, batchSize: BATCH });
  let name = '';
  let indexes: string[] = [];
  for await (const { _id } of ids) {
    const id = storedText(_id);
    const at = id.lastIndexOf('/');
    if (id.slice(0, at) !== name) {
      if (indexes.length > 0) yield { ...toRef(name), indexes };
      name = id.slice(0, at);
      indexes = [];
    }
    indexes.push(id.slice(at + 1));
  }
  if (indexes.length > 0) yield { ...toRef(name), indexes };
}

function toRef(name: string): LogRef {
  const at = name.indexOf('/');
  return { accountId: name.slice(0, at), sessionId: name.slice(at + 1) };
}
