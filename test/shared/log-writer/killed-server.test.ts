// A database that is killed while events are appended. Every event that was acknowledged before has to be there again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createWriter, draftEvent, startSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { eventually } from '../../support/eventually.ts';
import { type RestartableMongo, startRestartableMongo } from '../../support/restartable-mongo.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 1);
const LOGS = 6;
/** Events that are acknowledged before the kill, at least. */
const ENOUGH = 150;

/**
 * mongo-java-server writes to its file every 100 ms, whatever a write asks for; on a busy machine some writes take longer.
 * Of what it acknowledged in this time before it was killed, nothing is claimed. A mongod has no such window.
 */
const UNSAFE_MS = { 'mongo-java-server': 500, mongod: 0, 'mongodb-memory-server': 0 } as const;

type Acknowledged = Readonly<{ session: Session; eventId: unknown; atMs: number }>;

/** Appends events, one after the other, until the server is killed. */
async function appendUntilKilled(
  mongo: RestartableMongo,
  session: Session,
  acknowledged: Acknowledged[],
  isKilled: () => boolean,
): Promise<void> {
  // Gives up soon after the kill: an append that tries on would go on with the server that is started again.
  const writer = { ...createWriter(mongo.db), tryOnMs: 0 };
  for (let i = 0; !isKilled(); i += 1) {
    const drafts = Array.from({ length: 1 + (i % 3) }, () => ({
      ...draftEvent(i),
      event_id: newId('event'),
    }));
    try {
      const { accountId, id } = session;
      const result = await appendEvents(writer, accountId, id, drafts);
      const atMs = performance.now();
      assert.equal(result.status, 'appended');
      for (const { event_id: eventId } of drafts) acknowledged.push({ session, eventId, atMs });
    } catch (error) {
      if (isKilled()) return;
      throw error;
    }
  }
}

describe('a database that is killed', () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`a killed database has every acknowledged event when it is started again, round ${round}`, async (t) => {
      const mongo = await startRestartableMongo(t);
      const world = { ...createWriter(mongo.db), database: mongo.database, db: mongo.db };
      const sessions = await Promise.all(Array.from({ length: LOGS }, () => startSession(world)));
      // The rows themselves are older than the window.
      await sleep(1_000);
      const acknowledged: Acknowledged[] = [];
      let killedAtMs: number | null = null;
      const appenders = sessions.map((session) =>
        appendUntilKilled(mongo, session, acknowledged, () => killedAtMs !== null),
      );
      await eventually('enough events are acknowledged', () => acknowledged.length >= ENOUGH, {
        deadlineMs: 60_000,
        everyMs: 20,
      });
      // Another moment between two of the server's own writes each time.
      await sleep(100 * Math.random());
      killedAtMs = performance.now();
      await mongo.kill();
      await Promise.all(appenders);
      await mongo.startAgain();

      const stored = new Set<unknown>();
      for (const session of sessions) {
        const { entries, verdict } = await checkLog(world, session);
        assert.equal(verdict.status, 'verified');
        for (const { event_id } of entries) stored.add(event_id);
      }
      const lost = acknowledged.filter(({ eventId }) => !stored.has(eventId));
      const ages = lost.map(({ atMs }) => Math.round((killedAtMs as number) - atMs));
      const oldest = Math.max(0, ...ages);
      t.diagnostic(
        `${mongo.kind}: lost ${lost.length} of ${acknowledged.length} acknowledged, oldest ${oldest} ms`,
      );
      assert.deepEqual(
        ages.filter((age) => age > UNSAFE_MS[mongo.kind]),
        [],
      );
    });
  }
});
