// How evidence is written and read: session rows, segments, the ledger and policies. A write is acknowledged once a
// majority of the members has it on disk, so neither a crash nor an election takes it back.
import type { Collection, Db, DbOptions, Document } from 'mongodb';

/**
 * Milliseconds that the server waits for a majority before it answers that there is none yet. Longer than a member needs
 * to catch up, and half the time for which an append tries on. Without it a write would hang for as long as the majority
 * is away, until the socket's own limit of a minute.
 */
const MAJORITY_WITHIN_MS = 10_000;

/** The options of every database that the program opens: whatever the URI says, no write is acknowledged from memory. */
export const DURABLE: DbOptions = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: MAJORITY_WITHIN_MS },
  readPreference: 'primary',
};

/**
 * What a read may return. `durable`: what a majority has, which no election takes back. `latest`: what the primary has,
 * which may not be on a majority yet; for a writer whose own write fails where it was taken back.
 */
export type Freshness = 'durable' | 'latest';

const LEVELS = { durable: 'majority', latest: 'local' } as const satisfies Record<Freshness, string>;

/** The option of a read that is `fresh` in this way. */
export function readAt(fresh: Freshness) {
  return { readConcern: { level: LEVELS[fresh] } };
}

/** A collection of evidence: its writes are durable and its reads are `durable`, whatever the database's own options. */
export function evidenceCollection<Row extends Document>(db: Db, name: string): Collection<Row> {
  return db.collection<Row>(name, { ...DURABLE, ...readAt('durable') });
}
