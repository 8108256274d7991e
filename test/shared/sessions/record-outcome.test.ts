import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { damagedRow, type FailedLog, unknownKey } from '../../../shared/audit/verdict.ts';
import { markFailed } from '../../../shared/sessions/mark-states.ts';
import { createRecordOutcome, type OutcomeDeps } from '../../../shared/sessions/record-outcome.ts';
import type { SessionSnapshot } from '../../../shared/sessions/session.ts';
import type { StoredSession } from '../../../shared/sessions/session-row.ts';
import { createLogWorld, type LogWorld, startSession } from '../../support/audit-world.ts';

let world: LogWorld;
const releases: (() => Promise<void>)[] = [];
before(async () => {
  world = await createLogWorld({ after: (release) => releases.push(release) });
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const ALTERED: FailedLog = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null };
const UNKNOWN = unknownKey('k_lost');
const DAMAGED = damagedRow('policy_version');
const VERIFIED = { status: 'verified' } as const;

/** A session, the reaction to what is found of it, and what that said and counted. */
async function prepare() {
  const { accountId, id } = await startSession(world);
  const lines: [level: string, fields: object, message: string][] = [];
  let counted = 0;
  const log = {
    error: (fields: object, message: string) => lines.push(['error', fields, message]),
    info: (fields: object, message: string) => lines.push(['info', fields, message]),
  } as unknown as OutcomeDeps['log'];
  const countFailed = () => {
    counted += 1;
  };
  const recordOutcome = createRecordOutcome({ sessions: world.sessions, log, countFailed });
  const find = async () => (await world.sessions.findSnapshot(accountId, id)) as SessionSnapshot;
  return { accountId, id, lines, recordOutcome, find, counted: () => counted };
}

describe('the reaction to a failed log', () => {
  it('a failed log is marked, counted and logged with its session id, once', async () => {
    const { accountId, id, lines, recordOutcome, find, counted } = await prepare();
    for (let round = 0; round < 3; round += 1) await recordOutcome(await find(), ALTERED);
    const { marks } = await find();
    assert.deepEqual([marks.failed?.fault, marks.failed?.seq], ['altered', 3]);
    assert.equal(counted(), 1);
    const { expected, calculated } = ALTERED;
    const fields = { session_id: id, account_id: accountId, fault: 'altered', seq: 3, expected, calculated };
    assert.deepEqual(lines, [['error', fields, 'a log failed']]);
  });

  it('a failed log is counted once for all who find it at the same time', async () => {
    const { recordOutcome, find, counted } = await prepare();
    const found = await find();
    await Promise.all(Array.from({ length: 8 }, () => recordOutcome(found, ALTERED)));
    assert.equal(counted(), 1);
  });

  it('a failed log is counted once where the second who finds it took the time first', async () => {
    const { accountId, id } = await startSession(world);
    const [earlier, later] = [new Date('2026-05-02T21:00:00.000Z'), new Date('2026-05-02T21:00:00.001Z')];
    const rows = world.db.collection<StoredSession>('sessions');
    const mark = async (now: Date) => {
      const { filter, update } = markFailed(accountId, id, ALTERED, now);
      return (await rows.updateOne(filter, update)).matchedCount;
    };
    assert.deepEqual([await mark(later), await mark(earlier)], [1, 0]);
  });

  it('a log that fails in another way is counted again', async () => {
    const { recordOutcome, find, counted } = await prepare();
    await recordOutcome(await find(), ALTERED);
    await recordOutcome(await find(), { ...ALTERED, fault: 'truncated', seq: 9 });
    assert.equal((await find()).marks.failed?.fault, 'truncated');
    assert.equal(counted(), 2);
  });
});

describe('the reaction to an unverifiable log', () => {
  it('an unverifiable log is marked with the key and logged, once, and no failure is counted', async () => {
    const { accountId, id, lines, recordOutcome, find, counted } = await prepare();
    for (let round = 0; round < 3; round += 1) await recordOutcome(await find(), UNKNOWN);
    const { marks } = await find();
    assert.deepEqual([marks.failed, marks.unverifiable], [null, unknownKey('k_lost')]);
    assert.equal(counted(), 0);
    assert.deepEqual(
      lines.map(([level, fields]) => [level, fields]),
      [['error', { session_id: id, account_id: accountId, key_id: 'k_lost' }]],
    );
  });
});

describe('the reaction to a damaged row', () => {
  it('a log whose row is damaged is marked with the field and logged, once, and a key in its place is news', async () => {
    const { accountId, id, lines, recordOutcome, find, counted } = await prepare();
    for (let round = 0; round < 3; round += 1) await recordOutcome(await find(), DAMAGED);
    assert.deepEqual((await find()).marks, { failed: null, unverifiable: DAMAGED });
    assert.equal(counted(), 0);
    assert.deepEqual(
      lines.map(([level, fields]) => [level, fields]),
      [['error', { session_id: id, account_id: accountId, field: 'policy_version' }]],
    );
    await recordOutcome(await find(), UNKNOWN);
    assert.deepEqual((await find()).marks, { failed: null, unverifiable: UNKNOWN });
    assert.equal(lines.length, 2);
  });
});

describe('the reaction to a verified log', () => {
  for (const [title, verdict] of [
    ['failed', ALTERED],
    ['unverifiable', UNKNOWN],
    ['damaged', DAMAGED],
  ] as const) {
    it(`a verified log loses the mark ${title}, which is logged, and the session is due again`, async () => {
      const { accountId, lines, recordOutcome, find } = await prepare();
      await world.sessions.finishSession(accountId, await find());
      await recordOutcome(await find(), verdict);
      const marked = await find();
      assert.equal(marked.stage, 'done');
      lines.length = 0;
      await recordOutcome(marked, VERIFIED);
      const cleared = await find();
      assert.deepEqual(cleared.marks, { failed: null, unverifiable: null });
      assert.deepEqual([cleared.stage, cleared.changes], [null, marked.changes + 1]);
      assert.deepEqual(
        lines.map(([level]) => level),
        ['info'],
      );
    });
  }

  it('a verified log without marks is not written to', async () => {
    const { lines, recordOutcome, find } = await prepare();
    const before = await find();
    await recordOutcome(before, VERIFIED);
    assert.deepEqual(await find(), before);
    assert.deepEqual(lines, []);
  });

  it('a row that disagrees with a verified log is logged with the id of its report, once an hour', async () => {
    const { accountId, id, lines, recordOutcome, find } = await prepare();
    const disputed = [{ source: 'reported', reportId: 'rep_1', claim: 'root' }] as const;
    for (let round = 0; round < 3; round += 1) await recordOutcome(await find(), { ...VERIFIED, disputed });
    const fields = { report_id: 'rep_1', anchor_source: 'reported', claim: 'root' };
    const line = 'a row that no key of this deployment signed disagrees with a verified log';
    assert.deepEqual(lines, [['error', { session_id: id, account_id: accountId, ...fields }, line]]);
  });

  it('a verified log keeps a mark that was set after the log was read', async () => {
    const { recordOutcome, find } = await prepare();
    await recordOutcome(await find(), ALTERED);
    const before = await find();
    await recordOutcome(before, { ...ALTERED, fault: 'gap', seq: 1 });
    await recordOutcome(before, VERIFIED);
    assert.equal((await find()).marks.failed?.fault, 'gap');
  });
});
