import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { damagedRow, unknownKey } from '../../../shared/audit/verdict.ts';
import { type AppendResult, appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { damageRow, damageSegment, dropField } from '../../support/damage-rows.ts';
import { draftsWithIds } from '../../support/draft-events.ts';
import { editSegment, readTexts, replaceTexts, type SegmentRow } from '../../support/segments.ts';

const world = await createLogWorld({ after });

function append({ accountId, id }: Session, drafts: readonly EventDraft[]): Promise<AppendResult> {
  return appendEvents(world, accountId, id, drafts);
}

function close({ accountId, id }: Session) {
  return closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
}

describe('appending to a log that somebody changed', () => {
  const ALTERED = { status: 'failed', fault: 'altered' };

  async function refuses(session: Session, expected: object, what: string): Promise<void> {
    const before = await readTexts(world.db, session);
    for (const write of [() => append(session, draftsWithIds(1)), () => close(session)]) {
      const result = await write();
      assert.deepEqual({ ...result, ...expected }, result, what);
      assert.deepEqual(await readTexts(world.db, session), before, what);
    }
  }

  it('an append refuses a log whose last entry was changed', async () => {
    for (const size of [1, 256, 300]) {
      const session = await writeSession(world, size, { seal: false });
      const texts = await readTexts(world.db, session);
      const index = Math.floor((size - 1) / 256);
      await editSegment(world.db, session, index, (entries) =>
        entries.with(-1, (texts.at(-1) as string).replace('MSKV1', 'MSKV2')),
      );
      await refuses(session, ALTERED, `of ${size}`);
    }
  });

  it('an append refuses a log whose tail was cut', async () => {
    for (const [size, cut] of [
      [5, 0],
      [5, 4],
      [300, 256],
      [300, 10],
      [300, 0],
      [512, 256],
      [512, 500],
      [512, 0],
    ] as const) {
      const session = await writeSession(world, size, { seal: false });
      await replaceTexts(world.db, session, (await readTexts(world.db, session)).slice(0, cut), 'entries');
      await world.db.collection('audit_segments').updateMany({}, { $set: { closed: false } });
      const result = await append(session, draftsWithIds(1));
      assert.deepEqual(
        [result.status, 'fault' in result && result.fault],
        ['failed', 'truncated'],
        `${size} to ${cut}`,
      );
      assert.equal('seq' in result && result.seq, cut, `${size} to ${cut}`);
    }
  });

  it('an append refuses a log whose segments are gone', async () => {
    for (const size of [5, 256, 600]) {
      const session = await writeSession(world, size, { seal: false });
      await world.db.collection('audit_segments').deleteMany({});
      await refuses(session, { status: 'failed', fault: 'truncated', seq: 0 }, `${size}`);
    }
  });

  it("an append refuses a log that ends with another session's entry", async () => {
    const session = await writeSession(world, 5, { seal: false });
    const other = await writeSession(world, 5, { seal: false });
    const [row] = await world.db
      .collection<SegmentRow>('audit_segments')
      .find({ _id: `${other.accountId}/${other.id}/0` })
      .toArray();
    const { _id, ...fields } = row as SegmentRow;
    await damageSegment(world.db, session, 0, fields);
    await refuses(session, { status: 'failed', fault: 'foreign', seq: 4 }, 'foreign');
  });

  it('an append refuses a last segment with impossible fields, and ends', async () => {
    const odd = [
      ...[
        { count: -1 },
        { count: 257 },
        { count: 1e15 },
        { count: Number.NaN },
        { count: '5' },
        { count: null },
        { count: [5] },
      ],
      ...[{ count: 4.5 }, { count: 4 }, { count: 6 }, { count: 256 }, { count: 0 }],
      ...[{ head_hash: null }, { head_hash: 7 }, { head_hash: 'ab'.repeat(32) }, { head_hash: {} }],
      ...[{ closed: 0 }, { closed: null }, { closed: 'no' }, { closed: [] }],
      ...[{ entries: [] }, { entries: 'abc' }, { entries: null }, { entries: 7 }, { entries: {} }],
      ...[{ entries: [null] }, { entries: [7] }, { entries: [{}] }, { entries: [''] }, { entries: ['{}'] }],
    ];
    for (const fields of odd) {
      const session = await writeSession(world, 5, { seal: false });
      await damageSegment(world.db, session, 0, fields);
      const results = [await append(session, draftsWithIds(1)), await close(session)];
      for (const result of results) assert.equal(result.status, 'failed', JSON.stringify(fields));
    }
    // Without `entries` at all, mongo-java-server drops the connection over the projection.
    for (const field of ['count', 'head_hash', 'closed']) {
      const session = await writeSession(world, 5, { seal: false });
      await dropField(world.db, session, 0, field);
      const results = [await append(session, draftsWithIds(1)), await close(session)];
      for (const result of results) assert.equal(result.status, 'failed', `without ${field}`);
    }
  });

  it('an append refuses an empty open segment where a new one would begin', async () => {
    const session = await writeSession(world, 256, { seal: false });
    await world.db.collection<SegmentRow>('audit_segments').insertOne({
      _id: `${session.accountId}/${session.id}/1`,
      entries: [],
      count: 0,
      head_hash: 'ab'.repeat(32),
      closed: false,
    });
    await refuses(session, { ...ALTERED, seq: 256 }, 'empty');
  });

  it('an append names the damaged field of a row, and calls no log of it failed', async () => {
    const odd: readonly object[] = [
      ...[-1, 1e15, Number.NaN, Number.POSITIVE_INFINITY, 2.5, '5', null, [5], {}].map((size) => ({
        'log.size': size,
      })),
      ...[null, '', 'x', 7].map((head) => ({ 'log.head_hash': head })),
      ...[null, 7, {}].map((id) => ({ 'log.key_id': id })),
      ...[null, 7, {}].map((check) => ({ 'log.key_check': check })),
      ...[7, {}, []].map((seal) => ({ 'log.seal': seal })),
      ...[{ log: null }, { log: 'x' }, { agent_id: 'x' }, { agent_id: null }, { policy_sha256: 5 }],
      ...[{ started_at: 'x' }, { ended_at: 7 }, { merkle_root_hex: 7 }, { status: null }, { status: 'x' }],
    ];
    for (const fields of odd) {
      const session = await writeSession(world, 5, { seal: false });
      await damageRow(world.db, session, fields);
      const [field] = Object.keys(fields) as [string];
      // A whole number that no log has reached is a size like others.
      const isSize = Object.values(fields)[0] === 1e15;
      const expected = isSize
        ? { status: 'failed', fault: 'truncated' }
        : { status: 'unverifiable', reason: 'damaged_row', field };
      await refuses(session, expected, JSON.stringify(fields));
    }
  });

  it('an append tells a check value that somebody changed from a key that is missing', async () => {
    const changed = { 'log.key_check': '0011223344556677' };
    for (const size of [1, 300]) {
      const session = await writeSession(world, size, { seal: false });
      await damageRow(world.db, session, changed);
      await refuses(session, damagedRow('log.key_check'), `of ${size}`);
    }
    const empty = await writeSession(world, 0, { seal: false });
    await damageRow(world.db, empty, changed);
    await refuses(empty, unknownKey('k_test'), 'no entry says whose the log is');
    const other = await writeSession(world, 5, { seal: false });
    const [first = ''] = await readTexts(world.db, other);
    await editSegment(world.db, other, 0, (entries) => entries.with(0, first.replace('MSKV1', 'MSKV2')));
    await damageRow(world.db, other, changed);
    await refuses(other, unknownKey('k_test'), 'the entry bears no HMAC of the key');
  });

  it('an append leaves impossible counts alone, until the close counts again', async () => {
    for (const through of [-5, 1e15, Number.NaN, '3', null, 2.5]) {
      const session = await writeSession(world, 5, { seal: false });
      await damageRow(world.db, session, { 'aggregate.through_seq': through });
      assert.equal((await append(session, draftsWithIds(1, 5))).status, 'appended', `${through}`);
      assert.equal((await close(session)).status, 'sealed', `${through}`);
      const { verdict, session: row } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.size === 6);
      assert.equal(row.aggregate.throughSeq, 5);
    }
  });
});
