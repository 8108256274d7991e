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

type Acknowledged = Readonly<{ session: Session; eventId: unknown }>;

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
      assert.equal(result.status, 'appended');
      for (const { event_id: eventId } of drafts) acknowledged.push({ session, eventId });
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
      const acknowledged: Acknowledged[] = [];
      let isKilled = false;
      const appenders = sessions.map((session) =>
        appendUntilKilled(mongo, session, acknowledged, () => isKilled),
      );
      await eventually('enough events are acknowledged', () => acknowledged.length >= ENOUGH, {
        everyMs: 20,
      });
      // Another moment of a write each time.
      await sleep(100 * Math.random());
      isKilled = true;
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
      t.diagnostic(`${mongo.kind}: lost ${lost.length} of ${acknowledged.length} acknowledged`);
      assert.deepEqual(lost, []);
    });
  }
});
