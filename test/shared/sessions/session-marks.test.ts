import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { unknownKey } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { openSessionStore } from '../../support/session-store.ts';
import { buildSession } from '../../support/sessions.ts';

const { db, sessions, build, add } = await openSessionStore({ after, beforeEach });
const stranger = newId('account');
const FAULT = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null } as const;

describe('a snapshot', () => {
  const snapshot = async ({ accountId, id }: Session) => {
    const found = await sessions.findSnapshot(accountId, id);
    assert.ok(found);
    return found;
  };
  const counted = {
    aggregate: { ...build0().aggregate, throughSeq: 4 },
    size: 5,
    headHashHex: 'ab'.repeat(32),
  };
  function build0(): Session {
    return buildSession({ accountId: stranger, agentId: stranger, cookie: '' });
  }

  it('a snapshot has the session, how often it was changed, its stage and its marks', async () => {
    const session = await add();
    const before = new Date();
    const unmarked = { failed: null, unverifiable: null };
    assert.deepEqual(await snapshot(session), {
      ...{ session, changes: 0, stage: null, marks: unmarked },
      damage: null,
    });
    await sessions.markUnverifiable(session.accountId, session.id, unknownKey('k_lost'));
    await sessions.markFailed(session.accountId, session.id, FAULT);
    await sessions.finishSession(session.accountId, await snapshot(session));
    const { stage, marks } = await snapshot(session);
    assert.equal(stage, 'counted');
    assert.deepEqual(
      [marks.failed?.fault, marks.failed?.seq, marks.unverifiable],
      ['altered', 3, unknownKey('k_lost')],
    );
    assert.ok(marks.failed && marks.failed.foundAt >= before && marks.failed.foundAt <= new Date());
    assert.ok(await sessions.exists(session.accountId, session.id));
  });

  it('no snapshot is read of a session that is not there, or that is still imported', async () => {
    const session = build();
    const { accountId, id } = session;
    assert.deepEqual(
      [await sessions.findSnapshot(accountId, id), await sessions.exists(accountId, id)],
      [null, false],
    );
    await sessions.claimImport(accountId, session, null);
    assert.deepEqual(
      [await sessions.findSnapshot(accountId, id), await sessions.exists(accountId, id)],
      [null, false],
    );
  });

  it('a result is not stored once the session has changed after its snapshot', async () => {
    const session = await add();
    const { accountId } = session;
    const seen = await snapshot(session);
    assert.ok(await sessions.replaceCounts(accountId, seen, counted));
    assert.equal(await sessions.replaceCounts(accountId, seen, counted), false);
    assert.equal(await sessions.finishSession(accountId, seen), false);
    assert.equal(await sessions.storeRoot(accountId, seen, { ...counted, rootHex: 'cd'.repeat(32) }), false);
    const now = await snapshot(session);
    assert.deepEqual([now.changes, now.session.log.size, now.session.merkleRootHex], [1, 5, null]);
    assert.ok(await sessions.storeRoot(accountId, now, { ...counted, rootHex: 'cd'.repeat(32) }));
    const rooted = await snapshot(session);
    assert.deepEqual([rooted.stage, rooted.session.merkleRootSize], ['counted', 5]);
    assert.equal(
      await sessions.storeRoot(accountId, rooted, { ...counted, rootHex: 'ef'.repeat(32) }),
      false,
    );
  });
});

describe('marks', () => {
  const marksOf = async ({ accountId, id }: Session) => (await sessions.findSnapshot(accountId, id))!.marks;

  it('a mark is new once while the finding stays the same', async () => {
    const session = await add();
    const { accountId, id } = session;
    const fail = (seq: number) => sessions.markFailed(accountId, id, { ...FAULT, seq });
    assert.deepEqual([await fail(3), await fail(3), await fail(2), await fail(3)], [true, false, true, true]);
    const lose = (keyId: string) => sessions.markUnverifiable(accountId, id, unknownKey(keyId));
    assert.deepEqual([await lose('k_a'), await lose('k_a'), await lose('k_b')], [true, false, true]);
  });

  it('a mark whose time no finding can have had is no mark: the finding is new', async () => {
    for (const foundAt of [new Date(0), new Date('9999-01-01'), 'x' as unknown as Date]) {
      const { accountId, id } = await add();
      const mark = { log_failed: { fault: FAULT.fault, seq: FAULT.seq, found_at: foundAt } };
      await db.collection<{ _id: string }>('sessions').updateOne({ _id: id }, { $set: mark });
      assert.equal(await sessions.markFailed(accountId, id, FAULT), true);
      assert.equal(await sessions.markFailed(accountId, id, FAULT), false);
    }
  });

  it('marks are removed only as they were read, and the session is due again then', async () => {
    const session = await add();
    const { accountId, id } = session;
    await sessions.markFailed(accountId, id, FAULT);
    const seen = await marksOf(session);
    await sessions.finishSession(accountId, (await sessions.findSnapshot(accountId, id))!);
    await sessions.markFailed(accountId, id, { ...FAULT, seq: 9 });
    assert.equal(await sessions.clearMarks(accountId, id, seen), false);
    assert.equal((await marksOf(session)).failed?.seq, 9);
    assert.ok(await sessions.clearMarks(accountId, id, await marksOf(session)));
    const { stage, changes, marks } = (await sessions.findSnapshot(accountId, id))!;
    assert.deepEqual([stage, changes, marks], [null, 1, { failed: null, unverifiable: null }]);
    assert.equal(await sessions.clearMarks(accountId, id, marks), false);
  });
});
