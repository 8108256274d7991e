import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { type AppendResult, appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import {
  createLogWorld,
  createWriter,
  draftEvent,
  readTexts,
  replaceTexts,
  type SegmentRow,
  startSession,
  writeSession,
} from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { type Cut, startCuttingProxy } from '../../support/cutting-proxy.ts';

const world = await createLogWorld({ after });

const events = (count: number, from = 0): EventDraft[] =>
  Array.from({ length: count }, (_, i) => ({ ...draftEvent(from + i), event_id: newId('event') }));
const idsOf = (drafts: readonly EventDraft[]) => drafts.map(({ event_id }) => event_id);

function append({ accountId, id }: Session, drafts: readonly EventDraft[]): Promise<AppendResult> {
  return appendEvents(world, accountId, id, drafts);
}

function close({ accountId, id }: Session) {
  return closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
}

/** Changes the fields of one of a log's segments, as somebody who can write to the database would. */
async function damageSegment({ accountId, id }: Session, index: number, fields: object): Promise<void> {
  const segments = world.db.collection<SegmentRow>('audit_segments');
  await segments.updateOne({ _id: `${accountId}/${id}/${index}` }, { $set: fields });
}

async function dropField({ accountId, id }: Session, index: number, field: string): Promise<void> {
  const segments = world.db.collection<SegmentRow>('audit_segments');
  const _id = `${accountId}/${id}/${index}`;
  const row = (await segments.findOne({ _id })) as SegmentRow;
  await segments.deleteOne({ _id });
  const left = Object.entries(row).filter(([name]) => name !== field);
  await segments.insertOne(Object.fromEntries(left) as SegmentRow);
}

async function damageRow({ id }: Session, fields: object): Promise<void> {
  await world.db.collection<{ _id: string }>('sessions').updateOne({ _id: id }, { $set: fields });
}

describe('appending', () => {
  it('puts events in their order, across segments, and keeps the row with them', async () => {
    for (const size of [1, 255, 256, 257, 511, 512, 513, 1100]) {
      const session = await startSession(world);
      const drafts = events(size);
      assert.deepEqual(await append(session, drafts), { status: 'appended', eventIds: idsOf(drafts) });
      const { entries, verdict, session: row } = await checkLog(world, session);
      assert.deepEqual(
        entries.map(({ event_id }) => event_id),
        idsOf(drafts),
      );
      assert.ok(verdict.status === 'verified' && verdict.size === size && verdict.state === 'open');
      assert.deepEqual([row.log.size, row.log.headHashHex], [size, verdict.headHashHex]);
      assert.deepEqual(
        [row.aggregate.throughSeq, row.aggregate.redactionCount, row.aggregate.rehydrationFailureCount],
        [size - 1, verdict.counts.redactionCount, verdict.counts.rehydrationFailureCount],
      );
      assert.deepEqual(row.aggregate.redactionsByKind, verdict.counts.redactionsByKind);
      assert.deepEqual(row.aggregate.redactionsByPass, verdict.counts.redactionsByPass);
    }
  });

  it('goes on where it stopped, over a full segment too', async () => {
    const session = await startSession(world);
    const steps = [1, 254, 1, 0, 1, 255, 300, 1];
    let size = 0;
    for (const step of steps) {
      assert.equal((await append(session, events(step, size))).status, 'appended');
      size += step;
      const { verdict, session: row } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.size === size, `after ${size}`);
      assert.equal(row.log.size, size);
    }
  });

  it('keeps any name and any member as data', async () => {
    const session = await startSession(world);
    const odd = {
      kind: 'redaction',
      pass: '__proto__',
      entity_kind: 'constructor',
      span: [0, 0],
      confidence: 1,
    };
    const token = { token_kind: '$gt', kid: 'a.b' };
    const nested = new Map([
      ['prev_hash', 'x'],
      ['__proto__', 'y'],
    ]);
    const result = await append(session, [
      { ...odd, ...token, nested, seq: 7, prev_hash: 'no', this_hash: 'no' },
    ]);
    assert.equal(result.status, 'appended');
    const { verdict } = await checkLog(world, session);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual(verdict.counts.redactionsByKind, [['constructor', 1]]);
    assert.deepEqual(verdict.counts.redactionsByPass, [['__proto__', 1]]);
  });

  it('refuses an event that makes no valid entry, and appends nothing', async () => {
    const session = await startSession(world);
    const invalid: EventDraft[] = [
      { kind: 'redaction' },
      { ...draftEvent(0), span: [3, 1] },
      { ...draftEvent(0), entity_kind: 'x'.repeat(129) },
      { ...draftEvent(0), kid: 'x'.repeat(33_000) },
      { ...draftEvent(0), kid: 'x'.repeat(32_500) },
      { ...draftEvent(0), kid: '\ud800' },
      { ...draftEvent(0), confidence: Number.NaN },
      { ...draftEvent(0), ts: 'now' },
      { ...draftEvent(0), event_id: 'evt_1' },
    ];
    for (const event of invalid) await assert.rejects(append(session, [event]));
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it("knows no session of another account's", async () => {
    const session = await startSession(world);
    assert.deepEqual(await appendEvents(world, newId('account'), session.id, events(1)), {
      status: 'no_session',
    });
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it('says which key is missing', async () => {
    const session = await startSession(world);
    await damageRow(session, { 'log.key_id': 'k_lost' });
    assert.deepEqual(await append(session, events(1)), {
      status: 'unverifiable',
      reason: 'unknown_key',
      keyId: 'k_lost',
    });
  });

  it('says that a log is closed, whether or not its segments still do', async () => {
    for (const size of [0, 3, 256]) {
      const session = await writeSession(world, size);
      assert.deepEqual(await append(session, events(1)), { status: 'closed', eventIds: [] });
      await damageSegment(session, size === 256 ? 1 : 0, { closed: false });
      assert.deepEqual(await append(session, events(1)), { status: 'closed', eventIds: [] });
      assert.equal((await checkLog(world, session)).entries.length, size);
    }
  });

  it('counts for a writer that died before it raised the row', async () => {
    const session = await startSession(world);
    const noRow = {
      ...world,
      sessions: { ...world.sessions, raiseLog: () => Promise.reject(new Error('killed')) },
    };
    await assert.rejects(appendEvents(noRow, session.accountId, session.id, events(300)), /killed/);
    assert.equal((await checkLog(world, session)).session.log.size, 0);
    await append(session, events(1, 300));
    const { session: row, verdict } = await checkLog(world, session);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual([row.log.size, row.aggregate.throughSeq], [301, 300]);
    assert.deepEqual(row.aggregate.redactionsByKind, verdict.counts.redactionsByKind);
  });
});

describe('appending to a log that somebody changed', () => {
  const ALTERED = { status: 'failed', fault: 'altered' };

  async function refuses(session: Session, expected: object, what: string): Promise<void> {
    const before = await readTexts(world.db, session);
    for (const write of [() => append(session, events(1)), () => close(session)]) {
      const result = await write();
      assert.deepEqual({ ...result, ...expected }, result, what);
      assert.deepEqual(await readTexts(world.db, session), before, what);
    }
  }

  it('refuses a tail whose last entry was changed', async () => {
    for (const size of [1, 256, 300]) {
      const session = await writeSession(world, size, { seal: false });
      const texts = await readTexts(world.db, session);
      const index = Math.floor((size - 1) / 256);
      const entries = texts.slice(index * 256).with(-1, (texts.at(-1) as string).replace('MSKV1', 'MSKV2'));
      await damageSegment(session, index, { entries });
      await refuses(session, ALTERED, `of ${size}`);
    }
  });

  it('refuses a tail that was cut', async () => {
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
      await replaceTexts(world.db, session, (await readTexts(world.db, session)).slice(0, cut));
      await world.db.collection('audit_segments').updateMany({}, { $set: { closed: false } });
      const result = await append(session, events(1));
      assert.deepEqual(
        [result.status, 'fault' in result && result.fault],
        ['failed', 'truncated'],
        `${size} to ${cut}`,
      );
      assert.equal('seq' in result && result.seq, cut, `${size} to ${cut}`);
    }
  });

  it('refuses a log whose segments are gone', async () => {
    for (const size of [5, 256, 600]) {
      const session = await writeSession(world, size, { seal: false });
      await world.db.collection('audit_segments').deleteMany({});
      await refuses(session, { status: 'failed', fault: 'truncated', seq: 0 }, `${size}`);
    }
  });

  it("refuses another session's tail", async () => {
    const session = await writeSession(world, 5, { seal: false });
    const other = await writeSession(world, 5, { seal: false });
    const [row] = await world.db
      .collection<SegmentRow>('audit_segments')
      .find({ _id: `${other.accountId}/${other.id}/0` })
      .toArray();
    const { _id, ...fields } = row as SegmentRow;
    await damageSegment(session, 0, fields);
    await refuses(session, { status: 'failed', fault: 'foreign', seq: 4 }, 'foreign');
  });

  it('refuses a tail that says odd things of itself, and comes to an end', async () => {
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
      await damageSegment(session, 0, fields);
      const results = [await append(session, events(1)), await close(session)];
      for (const result of results) assert.equal(result.status, 'failed', JSON.stringify(fields));
    }
    // Without `entries` at all, mongo-java-server drops the connection over the projection.
    for (const field of ['count', 'head_hash', 'closed']) {
      const session = await writeSession(world, 5, { seal: false });
      await dropField(session, 0, field);
      const results = [await append(session, events(1)), await close(session)];
      for (const result of results) assert.equal(result.status, 'failed', `without ${field}`);
    }
  });

  it('refuses an empty segment that nobody closed, where a new one would begin', async () => {
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

  it('refuses a row that holds what no writer wrote, and comes to an end', async () => {
    const odd = [
      ...[-1, 1e15, Number.NaN, Number.POSITIVE_INFINITY, 2.5, '5', null, [5], {}].map((size) => ({
        'log.size': size,
      })),
      ...[null, '', 'x', 7].map((head) => ({ 'log.head_hash': head })),
      ...[null, 7, {}].map((id) => ({ 'log.key_id': id })),
      ...[7, {}, []].map((seal) => ({ 'log.seal': seal })),
      ...[
        { log: null },
        { log: 'x' },
        { started_at: 'x' },
        { ended_at: 7 },
        { merkle_root_hex: 7 },
        { status: null },
      ],
    ];
    for (const fields of odd) {
      const session = await writeSession(world, 5, { seal: false });
      await damageRow(session, fields);
      await refuses(session, { status: 'failed' }, JSON.stringify(fields));
    }
  });

  it('leaves counts alone that make no sense, until the close counts anew', async () => {
    for (const through of [-5, 1e15, Number.NaN, '3', null, 2.5]) {
      const session = await writeSession(world, 5, { seal: false });
      await damageRow(session, { 'aggregate.through_seq': through });
      assert.equal((await append(session, events(1, 5))).status, 'appended', `${through}`);
      assert.equal((await close(session)).status, 'sealed', `${through}`);
      const { verdict, session: row } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.size === 6);
      assert.equal(row.aggregate.throughSeq, 5);
    }
  });
});

describe('appending over a bad connection', () => {
  const target = () => {
    const { hostname, port } = new URL(world.database.uri);
    return { host: hostname, port: Number(port) };
  };

  async function connectThrough(port: number, t: { after(release: () => Promise<void>): void }) {
    const mongo = await connectMongo(`mongodb://127.0.0.1:${port}`, world.database.name);
    t.after(() => mongo.close());
    return createWriter(mongo.db);
  }

  const CUTS: Cut[][] = [
    ...[['before'], ['sent'], ['answered']],
    ...[
      ['before', 'before', 'sent'],
      ['before', 'answered'],
    ],
  ] as Cut[][];
  for (const cuts of CUTS) {
    it(`puts each event in exactly once when writes are cut ${cuts.join(', then ')}`, async (t) => {
      await Promise.all(
        [0, 100, 250, 256].map(async (begin) => {
          const proxy = await startCuttingProxy(target(), 'audit_segments');
          t.after(() => proxy.close());
          const writer = await connectThrough(proxy.port, t);
          const session = await writeSession(world, begin, { seal: false });
          const drafts = events(10, begin);
          proxy.cutNext(...cuts);
          const result = await appendEvents(writer, session.accountId, session.id, drafts);
          assert.deepEqual(result, { status: 'appended', eventIds: idsOf(drafts) });
          assert.equal(proxy.pending(), 0);
          const { entries, verdict } = await checkLog(world, session);
          assert.deepEqual(
            entries.slice(begin).map(({ event_id }) => event_id),
            idsOf(drafts),
          );
          assert.equal(verdict.status, 'verified');
        }),
      );
    });
  }

  it('acknowledges events that are in although the row could not be raised', async (t) => {
    const proxy = await startCuttingProxy(target(), 'sessions');
    t.after(() => proxy.close());
    const writer = await connectThrough(proxy.port, t);
    const session = await startSession(world);
    proxy.cutNext('before');
    assert.equal((await appendEvents(writer, session.accountId, session.id, events(3))).status, 'appended');
    assert.equal(proxy.pending(), 0);
    const { entries, session: row } = await checkLog(world, session);
    assert.deepEqual([entries.length, row.log.size], [3, 0]);
  });

  it("throws the driver's error when the database stays away", async (t) => {
    const proxy = await startCuttingProxy(target(), 'audit_segments');
    t.after(() => proxy.close());
    const writer = await connectThrough(proxy.port, t);
    const session = await startSession(world);
    proxy.cutNext(...Array.from({ length: 4 }, (): Cut => 'before'));
    await assert.rejects(appendEvents(writer, session.accountId, session.id, events(3)), { name: /^Mongo/ });
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it('closes in the end, wherever the connection is cut', async (t) => {
    for (const collection of ['audit_segments', 'sessions']) {
      for (const cut of ['before', 'sent', 'answered'] as const) {
        const proxy = await startCuttingProxy(target(), collection);
        t.after(() => proxy.close());
        const writer = await connectThrough(proxy.port, t);
        const session = await writeSession(world, 256, { seal: false });
        proxy.cutNext(cut);
        const facts = { endedAt: new Date(), status: 'ok' } as const;
        await assert.rejects(closeLog(writer, session.accountId, session.id, facts), { name: /^Mongo/ });
        const again = await closeLog(writer, session.accountId, session.id, facts);
        assert.ok(['sealed', 'already_sealed'].includes(again.status));
        const { verdict } = await checkLog(world, session);
        assert.ok(verdict.status === 'verified' && verdict.state === 'sealed' && verdict.size === 256);
      }
    }
  });
});
