// Every transition of a session's row: as a value, and against a database.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Collection } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import * as importStates from '../../../shared/sessions/import-states.ts';
import * as markStates from '../../../shared/sessions/mark-states.ts';
import type { SessionMarks } from '../../../shared/sessions/session.ts';
import { SESSIONS, type StoredSession, toSnapshot } from '../../../shared/sessions/session-row.ts';
import * as states from '../../../shared/sessions/session-states.ts';
import type { Transition } from '../../../shared/sessions/transition.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import {
  accountId,
  BEFORE,
  build,
  CASES,
  type Case,
  counted,
  ENDED,
  FAILED,
  HEX,
  NOW,
  ROOTED,
  rowOf,
  STORED_COUNTS,
} from '../../support/session-transitions.ts';

describe('a transition, as a value', () => {
  it("every transition names the account in its filter, whatever the session's own field says", () => {
    for (const { name, from, make } of CASES) {
      if (name === 'retryUnverifiable') continue;
      const row = rowOf(from[0]);
      const { filter } = make({ ...row, account_id: newId('account') })!;
      assert.equal(filter.account_id, accountId, name);
      assert.equal(filter._id, row._id, name);
    }
  });

  it('every transition raises `changes` and unsets `stage` together, or neither', () => {
    for (const { name, from, make } of CASES) {
      const { $inc, $set, $unset } = make(rowOf(from[0]))!.update;
      const isChange = $inc !== undefined;
      const movesStage = $unset !== undefined && 'stage' in $unset;
      if (name === 'storeRoot') assert.deepEqual([$inc, $set?.stage], [{ changes: 1 }, 'counted']);
      else assert.deepEqual([isChange, isChange && $set?.changed_at], [movesStage, movesStage && NOW], name);
    }
  });

  it('every transition has its documented filter and update', () => {
    const row = rowOf({ _id: 'sess_1', ...ENDED, changes: 2, ...FAILED });
    assert.deepEqual(states.raiseLog('acc_1', 'sess_1', { throughSeq: 4, size: 5 }, counted(9), NOW), {
      filter: {
        _id: 'sess_1',
        account_id: 'acc_1',
        'log.seal': null,
        'aggregate.through_seq': 4,
        'log.size': 5,
      },
      update: {
        $inc: { changes: 1 },
        $set: {
          aggregate: { ...STORED_COUNTS, through_seq: 8 },
          'log.size': 9,
          'log.head_hash': HEX,
          changed_at: NOW,
        },
        $unset: { stage: '' },
      },
    });
    assert.deepEqual(states.finishSession('acc_1', toSnapshot(row)), {
      filter: { _id: 'sess_1', account_id: 'acc_1', changes: 2 },
      update: { $set: { stage: 'counted' } },
    });
    assert.deepEqual(markStates.clearMarks('acc_1', 'sess_1', toSnapshot(row).marks, NOW), {
      filter: {
        _id: 'sess_1',
        account_id: 'acc_1',
        'log_failed.fault': 'gap',
        'log_failed.seq': 7,
        'log_failed.found_at': BEFORE,
        log_unverifiable: null,
      },
      update: {
        $inc: { changes: 1 },
        $set: { changed_at: NOW },
        $unset: { stage: '', log_failed: '', log_unverifiable: '' },
      },
    });
  });

  it('an extension keeps the stored root when it has none, and replaces it by its own', () => {
    const session = build(false);
    const without = importStates.publishExtension(accountId, session, null, HEX, NOW);
    assert.equal(without.filter.merkle_root_hex, HEX);
    assert.ok(!('merkle_root_hex' in without.update.$set!) && !('merkle_root_size' in without.update.$set!));
    const rooted = { ...session, merkleRootHex: 'cd'.repeat(32), merkleRootSize: 9 };
    const { $set } = importStates.publishExtension(accountId, rooted, null, HEX, NOW).update;
    assert.deepEqual([$set?.merkle_root_hex, $set?.merkle_root_size], ['cd'.repeat(32), 9]);
  });

  it('there is no transition to a root for an open session or one with a root, and none to clear marks without any', () => {
    const root = { ...counted(5), rootHex: HEX };
    for (const fields of [{}, ROOTED])
      assert.equal(states.storeRoot(accountId, toSnapshot(rowOf(fields)), root, NOW), null);
    const none: SessionMarks = { failed: null, unverifiable: null };
    assert.equal(markStates.clearMarks(accountId, 'sess_1', none, NOW), null);
  });
});

describe('a transition, in the database', () => {
  let rows: Collection<StoredSession>;
  const releases: (() => Promise<void>)[] = [];
  before(async () => {
    const { db } = await openTestDatabase({ after: (release) => releases.push(release) });
    rows = db.collection(SESSIONS);
  });
  after(async () => {
    for (const release of releases.reverse()) await release();
  });

  async function put(fields: Partial<StoredSession>): Promise<StoredSession> {
    const row = rowOf(fields);
    await rows.insertOne(row);
    return row;
  }
  async function move({ filter, update }: Transition): Promise<boolean> {
    return (await rows.updateMany(filter, update)).matchedCount === 1;
  }
  const read = ({ _id }: StoredSession) => rows.findOne({ _id });

  for (const { name, from, not, make, to, again } of CASES) {
    it(`${name} moves a row from each of its states, and ${again ? 'again to the same' : 'only once'}`, async () => {
      for (const fields of from) {
        const row = await put(fields);
        const transition = make(row)!;
        assert.ok(await move(transition));
        const moved = (await read(row))!;
        for (const [field, value] of Object.entries(to))
          assert.deepEqual(moved[field as keyof StoredSession], value, field);
        const isChange = transition.update.$inc !== undefined;
        assert.equal(moved.changes ?? 0, (row.changes ?? 0) + Number(isChange));
        assert.equal(await move(transition), again);
        const { changes, ...rest } = (await read(row))!;
        const { changes: _, ...before } = moved;
        assert.deepEqual(rest, before);
        await rows.deleteMany({});
      }
    });

    it(`${name} leaves a row in any other state as it is`, async () => {
      const others = [...not, ...(isVersioned(make) ? [{ ...from[0], changes: 9 }] : [])];
      for (const fields of others) {
        const row = await put(fields);
        const made = make({ ...rowOf(from[0]), _id: row._id })!;
        assert.equal(await move(made), false, JSON.stringify(fields));
        assert.deepEqual(await read(row), row);
        await rows.deleteMany({});
      }
    });

    it(`${name} leaves another account's row as it is`, async () => {
      if (name === 'retryUnverifiable') return;
      const row = await put({ ...from[0], account_id: newId('account') });
      assert.equal(await move(make(row)!), false);
      assert.deepEqual(await read(row), row);
      await rows.deleteMany({});
    });

    if (again) continue;
    it(`${name} is won by one of several at once`, async () => {
      const row = await put(from[0]!);
      const moves = await Promise.all(Array.from({ length: 8 }, () => move(make(row)!)));
      assert.equal(moves.filter(Boolean).length, 1);
      await rows.deleteMany({});
    });
  }
});

/** Whether the filter holds the version that the row was read at. */
function isVersioned(make: Case['make']): boolean {
  return 'changes' in make(rowOf({ ...ENDED, ...FAILED, changes: 5 }))!.filter;
}
