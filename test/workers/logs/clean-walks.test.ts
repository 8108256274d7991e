// A false alarm over an undamaged log is as bad as a missed fault.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Anchor } from '../../../shared/audit/log-record.ts';
import type { VerifiedLog } from '../../../shared/audit/verdict.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createReportPool } from '../../../workers/reports/pool.ts';
import {
  createLogWorld,
  draftEvent,
  startSession,
  TEST_KEY,
  writeSession,
} from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { rounds } from '../../support/rounds.ts';
import { verifyAs, verifyStored } from '../../support/verify.ts';

const WALKS = rounds(150, 1_000);
const SIZES = [0, 1, 3, 40, 255, 256, 257, 511, 512, 513, 600, 1024];

it(`${WALKS} walks of closed logs, and of logs that grow and close meanwhile, find no fault`, async (t) => {
  const world = await createLogWorld(t);
  const config = {
    mongodbDb: world.database.name,
    auditKeys: [TEST_KEY],
    reportThreads: 2,
    reportQueueLimit: 64,
  };
  const pool = await createReportPool({ mongodbUri: world.database.uri, config });
  t.after(() => pool.close());
  let walks = 0;

  async function walk(session: Session, reported: readonly Omit<Anchor, 'source'>[]): Promise<VerifiedLog> {
    // By the row as it was read then, and on the threads by the row as it is now.
    const verdict = await verifyAs(world, session, ...reported);
    const stored = await verifyStored(pool, session);
    assert.equal(stored.verdict.status, 'verified', JSON.stringify(stored));
    assert.equal(verdict.status, 'verified', JSON.stringify({ verdict, log: session.log, reported }));
    walks += 1;
    return verdict as VerifiedLog;
  }

  /** Walks a growing log by rows that were read at different times, holding it against every root reported before. */
  async function watchGrowing(start: Session, isOver: () => boolean): Promise<void> {
    const reported: Omit<Anchor, 'source'>[] = [];
    let row = start;
    for (let round = 0; !isOver() || round % 3 !== 0; round += 1) {
      // Two walks of three go by a row that lags behind the log.
      if (round % 3 === 0) row = (await world.sessions.find(start.accountId, start.id)) as Session;
      const { size, rootHex, state } = await walk(row, reported);
      assert.ok(size >= row.log.size);
      assert.equal(state, row.log.seal === null ? 'open' : 'sealed');
      reported.push({ size, rootHex });
      if (row.log.seal !== null) return;
    }
  }

  async function growAndClose(batch: number): Promise<void> {
    const session = await startSession(world);
    const { accountId, id } = session;
    const before = walks;
    let over = false;
    async function append(): Promise<void> {
      for (let from = 0; from < 900; from += batch) {
        const drafts = Array.from({ length: batch }, (_, i) => draftEvent(from + i));
        const { status } = await appendEvents(world, accountId, id, drafts);
        assert.ok(status === 'appended' || status === 'closed');
      }
    }
    async function close(): Promise<void> {
      try {
        await eventually('the growing log was walked thirty times', () => walks >= before + 30, {
          everyMs: 1,
        });
        const { status } = await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
        assert.equal(status, 'sealed');
      } finally {
        over = true;
      }
    }
    const watching = Array.from({ length: 4 }, () => watchGrowing(session, () => over));
    await Promise.all([append(), append(), close(), ...watching]);
    const sealed = (await world.sessions.find(accountId, id)) as Session;
    assert.equal((await walk(sealed, [])).state, 'sealed');
  }

  for (const batch of rounds([7, 300], [1, 7, 64, 256, 300])) await growAndClose(batch);
  const whileGrowing = walks;
  assert.ok(whileGrowing > 50);

  const closed = await Promise.all(SIZES.map((size) => writeSession(world, size)));
  async function walkClosed(): Promise<void> {
    while (walks < WALKS) {
      const session = closed[walks % closed.length] as Session;
      const { size, rootHex, state } = await walk(session, []);
      assert.deepEqual([size, rootHex, state], [session.log.size, session.merkleRootHex, 'sealed']);
    }
  }
  await Promise.all(Array.from({ length: 8 }, walkClosed));
  t.diagnostic(`${whileGrowing} walks of growing logs, ${walks - whileGrowing} of closed ones`);
});
