// Holds what a service acknowledged against what is stored, after it and its database were killed.
import assert from 'node:assert/strict';
import type { Db } from 'mongodb';
import type { MongodbKind } from '../../scripts/setup/mongodb.ts';
import type { SegmentReader } from '../../shared/log-store/segment-reader.ts';
import type { LogWriterDeps } from '../../shared/log-writer/append.ts';
import { checkLog } from './check-log.ts';
import type { Notes } from './persistent-writer.ts';

/** A time in which the database was away, in `performance.now()`. */
export type Outage = Readonly<{ beginMs: number; endMs: number }>;

/** Of what mongo-java-server acknowledged in this time before it was killed, nothing is claimed: see ARCHITECTURE.md. */
export const UNSAFE_MS: Readonly<Record<MongodbKind, number>> = {
  'mongo-java-server': 500,
  mongod: 0,
  'mongodb-memory-server': 0,
};

/**
 * Fails where a log does not verify, an event is stored twice, or what was acknowledged outside the outages is missing.
 * Resolves to how many sessions are stored.
 */
export async function assertNothingLost(
  world: LogWriterDeps & Readonly<{ db: Db; reader: SegmentReader }>,
  accountId: string,
  notes: Notes,
  outages: readonly Outage[],
): Promise<number> {
  const isClaimed = ({ atMs }: { atMs: number }) =>
    outages.every(({ beginMs, endMs }) => atMs < beginMs || atMs > endMs);
  const stored = new Map<string, ReadonlySet<string>>();
  for (const id of notes.sessions) {
    // Its events are missing then, if any was claimed.
    if (!(await world.sessions.exists(accountId, id))) continue;
    const { entries, verdict } = await checkLog(world, { accountId, id });
    assert.equal(verdict.status, 'verified', id);
    const ids = new Set(entries.map(({ event_id: eventId }) => eventId));
    assert.equal(ids.size, entries.length, `an event is twice in ${id}`);
    stored.set(id, ids);
  }
  const missing = notes.events.filter(
    (event) => isClaimed(event) && !stored.get(event.sessionId)?.has(event.eventId),
  );
  assert.deepEqual(missing, []);
  for (const { sessionId, size, rootHex } of notes.ended.filter(isClaimed)) {
    const session = await world.sessions.find(accountId, sessionId);
    assert.deepEqual([session?.log.size, session?.merkleRootHex], [size, rootHex], sessionId);
    assert.ok(session?.log.seal, sessionId);
  }
  return stored.size;
}
