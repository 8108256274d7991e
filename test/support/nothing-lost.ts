// Holds what a service acknowledged against what is stored, after it and its database were killed.
import assert from 'node:assert/strict';
import type { Db } from 'mongodb';
import type { SegmentReader } from '../../shared/log-store/segment-reader.ts';
import type { LogWriterDeps } from '../../shared/log-writer/append.ts';
import { checkLog } from './check-log.ts';
import type { Notes } from './persistent-writer.ts';

/**
 * Fails where a log does not verify, an event is stored twice, or what was acknowledged is missing. Resolves to how many
 * sessions are stored.
 */
export async function assertNothingLost(
  world: LogWriterDeps & Readonly<{ db: Db; reader: SegmentReader }>,
  accountId: string,
  notes: Notes,
): Promise<number> {
  const stored = new Map<string, ReadonlySet<string>>();
  for (const id of notes.sessions) {
    // Begun, and not acknowledged.
    if (!(await world.sessions.exists(accountId, id))) continue;
    const { entries, verdict } = await checkLog(world, { accountId, id });
    assert.equal(verdict.status, 'verified', id);
    const ids = new Set(entries.map(({ event_id: eventId }) => eventId));
    assert.equal(ids.size, entries.length, `an event is twice in ${id}`);
    stored.set(id, ids);
  }
  const missing = notes.events.filter(({ sessionId, eventId }) => !stored.get(sessionId)?.has(eventId));
  assert.deepEqual(missing, []);
  for (const { sessionId, size, rootHex } of notes.ended) {
    const session = await world.sessions.find(accountId, sessionId);
    assert.deepEqual([session?.log.size, session?.merkleRootHex], [size, rootHex], sessionId);
    assert.ok(session?.log.seal, sessionId);
  }
  return stored.size;
}
