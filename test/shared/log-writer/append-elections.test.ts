// What a replica set does to a writer, by the replies that it gives: an election, a majority that is away or behind.
import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { Long } from 'mongodb';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import { asStoreFailure } from '../../../shared/mongo/store-failure.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, createWriter, writeSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { draftsWithIds, idsOf } from '../../support/draft-events.ts';
import { type FaultyProxy, startFaultyProxy } from '../../support/faulty-proxy.ts';
import type { SegmentRow } from '../../support/segments.ts';

const world = await createLogWorld({ after });
const WRITES = new Set(['insert', 'update', 'findAndModify', 'delete']);

const STEPPED_DOWN = {
  ok: 0,
  code: 10107,
  codeName: 'NotWritablePrimary',
  errmsg: 'not primary',
  errorLabels: ['RetryableWriteError'],
};
const UNCONFIRMED = {
  writeConcernError: {
    code: 64,
    codeName: 'WriteConcernTimeout',
    errmsg: 'waiting for replication timed out',
    errInfo: { wtimeout: true },
  },
};

async function prepare(t: TestContext, size: number) {
  const proxy = await startFaultyProxy(world.database.uri);
  const mongo = await connectMongo(proxy.uri, world.database.name);
  t.after(async () => {
    await mongo.close();
    await proxy.close();
  });
  const session = await writeSession(world, size, { seal: false });
  return { proxy, db: mongo.db, writer: createWriter(mongo.db), session };
}

/** The log is verified, and holds these events behind the first `size` entries, each once and in order. */
async function assertStored(session: Session, size: number, ids: readonly unknown[]): Promise<void> {
  const { entries, verdict } = await checkLog(world, session);
  assert.equal(verdict.status, 'verified');
  assert.deepEqual(
    entries.slice(size).map(({ event_id }) => event_id),
    ids,
  );
}

describe('a writer of a log during an election', () => {
  for (const [name, isHit] of [
    ['writes', (command: string) => WRITES.has(command)],
    ['all commands', (command: string) => WRITES.has(command) || command === 'find'],
  ] as const) {
    it(`an append tries on while ${name} are refused by a primary that stepped down`, async (t) => {
      const { proxy, writer, session } = await prepare(t, 250);
      let refused = 0;
      proxy.setFaults((command) => {
        if (refused === 8 || !isHit(command)) return null;
        refused += 1;
        return { reply: STEPPED_DOWN };
      });
      const drafts = draftsWithIds(10);
      const result = await appendEvents(writer, session.accountId, session.id, drafts);
      assert.deepEqual([result.status, refused], ['appended', 8]);
      await assertStored(session, 250, idsOf(drafts));
    });
  }

  it('a list does not try on: it rejects at once, and its caller decides', async (t) => {
    const { proxy, writer, session } = await prepare(t, 1);
    let refused = 0;
    proxy.setFaults((command) => {
      if (command !== 'find') return null;
      refused += 1;
      return { reply: STEPPED_DOWN };
    });
    const query = { since: new Date(0), until: new Date(), minRedactions: 0, after: null, limit: 5 };
    await assert.rejects(writer.sessions.list(session.accountId, query), { code: 10107 });
    // The driver itself reads once more.
    assert.ok(refused <= 2);
  });

  it('a close and a report’s row in the ledger are made after the election', async (t) => {
    const { proxy, db, writer, session } = await prepare(t, 300);
    const refuse = (writes: number) => {
      let refused = 0;
      proxy.setFaults((command) => {
        if (!WRITES.has(command) || refused === writes) return null;
        refused += 1;
        return { reply: STEPPED_DOWN };
      });
    };
    const { accountId, id } = session;
    refuse(3);
    const closed = await closeLog(writer, accountId, id, { endedAt: new Date(), status: 'ok' });
    assert.equal(closed.status, 'sealed');
    refuse(3);
    await createReportLedger(db).record(accountId, ledgerEntry(session));
    assert.equal(await world.db.collection('reports').countDocuments({ session_id: id }), 1);
  });
});

describe('a writer of a log whose majority is away', () => {
  it('an append that a majority does not confirm is not acknowledged, and is not stored twice when it is tried again', async (t) => {
    const { proxy, writer, session } = await prepare(t, 100);
    await freezeMajority(proxy, session);
    const drafts = draftsWithIds(10);
    const impatient = { ...writer, tryOnMs: 1_000 };
    await assert.rejects(
      appendEvents(impatient, session.accountId, session.id, drafts),
      (error) => asStoreFailure(error)?.code === 'unavailable',
    );
    // The primary has them: an append that trusted it would acknowledge what an election may take back.
    await assertStored(session, 100, idsOf(drafts));
    proxy.setFaults(() => null);
    const again = await appendEvents(writer, session.accountId, session.id, drafts);
    assert.ok(again.status === 'appended');
    assert.deepEqual(again.eventIds, idsOf(drafts));
    await assertStored(session, 100, idsOf(drafts));
  });

  it('an append waits for a majority that is behind, and stores each event once', async (t) => {
    for (const size of [0, 250, 256]) {
      const { proxy, writer, session } = await prepare(t, size);
      const answered = await freezeMajority(proxy, session);
      setTimeout(() => proxy.setFaults(() => null), 600);
      const drafts = draftsWithIds(10);
      const result = await appendEvents(writer, session.accountId, session.id, drafts);
      assert.ok(result.status === 'appended');
      assert.deepEqual(result.eventIds, idsOf(drafts));
      assert.ok(answered() > 0);
      await assertStored(session, size, idsOf(drafts));
    }
  });

  it('a close waits for a majority that is behind', async (t) => {
    for (const size of [3, 256]) {
      const { proxy, writer, session } = await prepare(t, size);
      const answered = await freezeMajority(proxy, session);
      setTimeout(() => proxy.setFaults(() => null), 600);
      const { accountId, id } = session;
      const result = await closeLog(writer, accountId, id, { endedAt: new Date(), status: 'ok' });
      assert.equal(result.status, 'sealed');
      assert.ok(answered() > 0);
      const { verdict } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.state === 'sealed' && verdict.size === size);
    }
  });
});

/**
 * From now on no write is confirmed by a majority, and whoever asks for what a majority has gets the segments of now.
 * Reads of what the primary has go through.
 */
async function freezeMajority(proxy: FaultyProxy, session: Session) {
  let answered = 0;
  const prefix = `${session.accountId}/${session.id}/`;
  const segments = world.db.collection<SegmentRow>('audit_segments');
  const frozen = await segments.find({ _id: { $regex: `^${prefix}` } }).toArray();
  proxy.setFaults((command, collection, { filter, projection, readConcern, $db }) => {
    if (WRITES.has(command)) return { change: (reply) => ({ ...reply, ...UNCONFIRMED }) };
    if (command !== 'find' || collection !== 'audit_segments' || readConcern.level !== 'majority')
      return null;
    answered += 1;
    const isAsked = ({ _id }: SegmentRow) => !filter._id.$in || filter._id.$in.includes(_id);
    const firstBatch = frozen
      .filter((row) => (typeof filter._id === 'string' ? row._id === filter._id : isAsked(row)))
      .map((row) => ({ ...row, entries: row.entries && slice(row.entries, projection.entries?.$slice) }));
    return { reply: { ok: 1, cursor: { id: Long.ZERO, ns: `${$db}.audit_segments`, firstBatch } } };
  });
  return () => answered;
}

/** An array as MongoDB's `$slice` projects it. */
function slice(entries: readonly string[], by: number | [number, number] | undefined): readonly string[] {
  if (by === undefined) return entries;
  return typeof by === 'number' ? entries.slice(by) : entries.slice(by[0], by[0] + by[1]);
}

function ledgerEntry(session: Session) {
  return {
    id: `rep_${session.id.slice(5)}`,
    userId: 'usr_1',
    scope: 'session',
    sessionId: session.id,
    since: session.startedAt,
    until: null,
    rootHex: 'ab'.repeat(32),
    size: 300,
    logState: 'sealed',
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json',
    statement: null,
    generatedAt: new Date(),
    jsonSha256Hex: 'cd'.repeat(32),
  } as const;
}
