// Every transition of a session's row: as a value, and against a database.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Collection } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import type { ClosedLog, CountedLog, SessionMarks } from '../../../shared/sessions/session.ts';
import { SESSIONS, type StoredSession, toSnapshot } from '../../../shared/sessions/session-row.ts';
import * as states from '../../../shared/sessions/session-states.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { buildSession } from '../../support/sessions.ts';

const NOW = new Date('2026-05-02T12:00:00.000Z');
const BEFORE = new Date('2026-05-01T12:00:00.000Z');
const accountId = newId('account');
const agentId = newId('agent');
const HEX = 'ab'.repeat(32);

const build = (open = true) => buildSession({ accountId, agentId, cookie: '' }, { startedAt: BEFORE, open });
const counted = (size: number): CountedLog => ({
  aggregate: { ...build().aggregate, throughSeq: size - 1 },
  size,
  headHashHex: HEX,
});
const STORED_COUNTS = {
  redaction_count: 0,
  redactions_by_kind: [],
  redactions_by_pass: [],
  rehydration_failure_count: 0,
};
const closed: ClosedLog = {
  endedAt: NOW,
  durationMs: 5,
  status: 'ok',
  log: { size: 3, headHashHex: HEX, keyId: 'k', keyCheck: 'c', seal: 'ff' },
  aggregate: counted(3).aggregate,
  merkleRootHex: HEX,
};

/** A row under test: an open session's, changed. */
function rowOf(fields: Partial<StoredSession> = {}): StoredSession {
  return { ...states.openRow(accountId, build(), null, BEFORE), ...fields };
}

const ENDED = { ended_at: NOW, duration_ms: 5 } as const;
const LOG = { size: 0, head_hash: HEX, key_id: 'k', key_check: 'c', seal: null };
const SEALED = { ...ENDED, log: { ...LOG, seal: 'ff' } };
const ROOTED = { ...ENDED, merkle_root_hex: HEX, merkle_root_size: 3 };
const FAILED = { log_failed: { fault: 'gap', seq: 7, found_at: BEFORE } };
const sessionOf = (row: StoredSession) => toSnapshot(row).session;
const FAULT = { fault: 'altered', seq: 3 } as const;

type Case = Readonly<{
  name: string;
  /** Rows that it moves. */
  from: readonly Partial<StoredSession>[];
  /** Rows that it leaves as they are, though it was made for a row like the first of `from`. */
  not: readonly Partial<StoredSession>[];
  make(row: StoredSession): states.Transition | null;
  /** Fields of a moved row; undefined for none. */
  to: Partial<Record<keyof StoredSession, unknown>>;
  /** Whether it moves a row again that it has moved. */
  again: boolean;
}>;

const CASES: readonly Case[] = [
  {
    name: 'retakeClaim',
    from: [{ importing: true }, { importing: true, status: 'error' }],
    not: [{}, ENDED],
    make: (row) => states.retakeClaim(accountId, { ...sessionOf(row), status: 'ok' }, null, NOW),
    to: { importing: true, status: 'ok', changed_at: NOW },
    again: true,
  },
  {
    name: 'publishClaim',
    from: [{ importing: true }],
    not: [{}, { stage: 'done' }],
    make: ({ _id }) => states.publishClaim(accountId, _id, NOW),
    to: { importing: undefined, stage: undefined, changes: 1, changed_at: NOW },
    again: false,
  },
  {
    name: 'publishExtension',
    from: [{}, { ...ENDED, stage: 'done', ...FAILED, key_missing: 'k' }],
    not: [SEALED, { log: { ...LOG, size: 10 } }, ROOTED],
    make: (row) => {
      const log = { size: 9, headHashHex: HEX, keyId: 'k', keyCheck: 'c', seal: null };
      return states.publishExtension(accountId, { ...sessionOf(row), endedAt: NOW, log }, null, null, NOW);
    },
    to: {
      ended_at: NOW,
      log: { ...LOG, size: 9 },
      stage: undefined,
      log_failed: undefined,
      key_missing: undefined,
      changed_at: NOW,
    },
    again: true,
  },
  {
    name: 'raiseLog',
    from: [{}, { stage: 'done', changes: 4 }, ENDED],
    not: [
      SEALED,
      { aggregate: { ...STORED_COUNTS, through_seq: 0 } },
      { log: { ...LOG, size: 6 } },
      { log: { ...LOG, size: '5' as never } },
    ],
    make: ({ _id }) => states.raiseLog(accountId, _id, -1, counted(5), NOW),
    to: { aggregate: { ...STORED_COUNTS, through_seq: 4 }, stage: undefined, changed_at: NOW },
    again: false,
  },
  {
    name: 'recordClose',
    from: [{}, { stage: 'counted', changes: 1 }, ENDED],
    not: [SEALED],
    make: ({ _id }) => states.recordClose(accountId, _id, closed, NOW),
    to: { ended_at: NOW, status: 'ok', merkle_root_hex: HEX, merkle_root_size: 3, stage: undefined },
    again: false,
  },
  {
    name: 'finishSession of an ended session',
    from: [ENDED, { ...ENDED, changes: 2 }, { ...ENDED, changes: 2, stage: 'done' }],
    not: [],
    make: (row) => states.finishSession(accountId, toSnapshot(row)),
    to: { stage: 'counted' },
    again: true,
  },
  {
    name: 'finishSession of an open session',
    from: [{}, { changes: 2 }],
    not: [],
    make: (row) => states.finishSession(accountId, toSnapshot(row)),
    to: { stage: 'done' },
    again: true,
  },
  {
    name: 'storeRoot',
    from: [ENDED, { ...ENDED, changes: 2, stage: 'done', key_missing: 'k' }],
    not: [],
    make: (row) => states.storeRoot(accountId, toSnapshot(row), { ...counted(5), rootHex: HEX }, NOW),
    to: {
      merkle_root_hex: HEX,
      merkle_root_size: 5,
      aggregate: { ...STORED_COUNTS, through_seq: 4 },
      stage: 'counted',
      key_missing: undefined,
      changed_at: NOW,
    },
    again: false,
  },
  {
    name: 'replaceCounts',
    from: [{}, { ...ENDED, changes: 2, stage: 'done' }],
    not: [],
    make: (row) => states.replaceCounts(accountId, toSnapshot(row), counted(5), NOW),
    to: { aggregate: { ...STORED_COUNTS, through_seq: 4 }, stage: undefined, changed_at: NOW },
    again: false,
  },
  {
    name: 'settleHour',
    from: [
      { ...ENDED, stage: 'counted' },
      { ...ENDED, stage: 'counted', changes: 2 },
    ],
    not: [ENDED, { ...ENDED, stage: 'done' }, { ...ENDED, stage: 'counted', changes: 1 }],
    make: ({ _id, changes = 0 }) => states.settleHour(accountId, { id: _id, changes }),
    to: { stage: 'done' },
    again: false,
  },
  {
    name: 'markFailed',
    from: [{}, FAILED, { log_failed: { ...FAULT, seq: 4, found_at: BEFORE } }, { key_missing: 'k' }],
    not: [{ log_failed: { ...FAULT, found_at: BEFORE } }],
    make: ({ _id }) => states.markFailed(accountId, _id, FAULT, NOW),
    to: { log_failed: { ...FAULT, found_at: NOW } },
    again: false,
  },
  {
    name: 'markUnverifiable',
    from: [{}, { key_missing: 'k_other' }, FAILED],
    not: [{ key_missing: 'k_lost' }],
    make: ({ _id }) => states.markUnverifiable(accountId, _id, 'k_lost'),
    to: { key_missing: 'k_lost' },
    again: false,
  },
  {
    name: 'clearMarks',
    from: [
      { ...FAILED, stage: 'done' },
      { key_missing: 'k', stage: 'done', changes: 3 },
      { ...FAILED, key_missing: 'k' },
    ],
    not: [
      {},
      { ...FAILED, key_missing: 'k_other' },
      { log_failed: { ...FAILED.log_failed, seq: 8 } },
      { log_failed: { ...FAILED.log_failed, fault: 'fork' } },
      { log_failed: { ...FAILED.log_failed, found_at: NOW } },
    ],
    make: (row) => states.clearMarks(accountId, row._id, toSnapshot(row).marks, NOW),
    to: { log_failed: undefined, key_missing: undefined, stage: undefined, changed_at: NOW },
    again: false,
  },
  {
    name: 'retryUnverifiable',
    from: [
      { key_missing: 'k', log: LOG, stage: 'done' },
      { key_missing: 'k', log: LOG, ...FAILED },
    ],
    not: [
      { log: LOG },
      { key_missing: 'k_other', log: LOG },
      { key_missing: 'k', log: { ...LOG, key_check: 'd' } },
    ],
    make: () => states.retryUnverifiable([{ id: 'k', check: 'c' }], NOW),
    to: { key_missing: undefined, stage: undefined, changed_at: NOW },
    again: false,
  },
];

describe('a transition, as a value', () => {
  it('names the account in its filter, whatever the session says of itself', () => {
    for (const { name, from, make } of CASES) {
      if (name === 'retryUnverifiable') continue;
      const row = rowOf(from[0]);
      const { filter } = make({ ...row, account_id: newId('account') })!;
      assert.equal(filter.account_id, accountId, name);
      assert.equal(filter._id, row._id, name);
    }
  });

  it('raises `changes` and unsets `stage` together, or neither', () => {
    for (const { name, from, make } of CASES) {
      const { $inc, $set, $unset } = make(rowOf(from[0]))!.update;
      const isChange = $inc !== undefined;
      const movesStage = $unset !== undefined && 'stage' in $unset;
      if (name === 'storeRoot') assert.deepEqual([$inc, $set?.stage], [{ changes: 1 }, 'counted']);
      else assert.deepEqual([isChange, isChange && $set?.changed_at], [movesStage, movesStage && NOW], name);
    }
  });

  it('is what it is documented to be', () => {
    const row = rowOf({ _id: 'sess_1', ...ENDED, changes: 2, ...FAILED });
    assert.deepEqual(states.raiseLog('acc_1', 'sess_1', 4, counted(9), NOW), {
      filter: {
        _id: 'sess_1',
        account_id: 'acc_1',
        'log.seal': null,
        'aggregate.through_seq': 4,
        'log.size': { $lte: 9 },
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
    assert.deepEqual(states.clearMarks('acc_1', 'sess_1', toSnapshot(row).marks, NOW), {
      filter: {
        _id: 'sess_1',
        account_id: 'acc_1',
        'log_failed.fault': 'gap',
        'log_failed.seq': 7,
        'log_failed.found_at': BEFORE,
        key_missing: null,
      },
      update: {
        $inc: { changes: 1 },
        $set: { changed_at: NOW },
        $unset: { stage: '', log_failed: '', key_missing: '' },
      },
    });
  });

  it('keeps a stored root when an extension brings none, and replaces it by a root that comes with it', () => {
    const session = build(false);
    const without = states.publishExtension(accountId, session, null, HEX, NOW);
    assert.equal(without.filter.merkle_root_hex, HEX);
    assert.ok(!('merkle_root_hex' in without.update.$set!) && !('merkle_root_size' in without.update.$set!));
    const rooted = { ...session, merkleRootHex: 'cd'.repeat(32), merkleRootSize: 9 };
    const { $set } = states.publishExtension(accountId, rooted, null, HEX, NOW).update;
    assert.deepEqual([$set?.merkle_root_hex, $set?.merkle_root_size], ['cd'.repeat(32), 9]);
  });

  it('is none for a session that is open or has its root, and where no marks were seen', () => {
    const root = { ...counted(5), rootHex: HEX };
    for (const fields of [{}, ROOTED])
      assert.equal(states.storeRoot(accountId, toSnapshot(rowOf(fields)), root, NOW), null);
    const none: SessionMarks = { failed: null, missingKeyId: null };
    assert.equal(states.clearMarks(accountId, 'sess_1', none, NOW), null);
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
  async function move({ filter, update }: states.Transition): Promise<boolean> {
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
