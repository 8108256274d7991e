import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { ObjectId } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { unknownKey } from '../../../shared/audit/verdict.ts';
import { createFleetPayloads } from '../../../shared/sessions/fleet-payloads.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import {
  createPayloadStore,
  PAYLOADS as PAYLOADS_COLLECTION,
  type StoredPayloads,
} from '../../../shared/sessions/session-payloads.ts';
import { SESSIONS, type StoredSession } from '../../../shared/sessions/session-row.ts';
import { at, NOON, openSessionStore } from '../../support/session-store.ts';
import { closed } from '../../support/session-transitions.ts';
import { buildSession } from '../../support/sessions.ts';

const { db, sessions, fleet, build, add, list, find } = await openSessionStore({ after, beforeEach });
const stranger = newId('account');
const rows = db.collection<StoredSession>(SESSIONS);
const stored = db.collection<StoredPayloads>(PAYLOADS_COLLECTION);
const fleetPayloads = createFleetPayloads(db);
const PAYLOADS = { request: 'a', masked: 'b', response: 'c' };
const END = { endedAt: NOON, status: 'ok' } as const;
const FAULT = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null } as const;
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

const EMPTY = { throughSeq: -1, size: 0 };

describe('a stored session', () => {
  it('a session is found as it was stored, names of any kind included', async () => {
    const session = await add({
      redactionsByKind: [
        ['__proto__', 2],
        ['$gt', 1],
        ['a.b', 4],
      ],
    });
    assert.deepEqual(await find(session), session);
  });

  it('a session keeps payloads with any key', async () => {
    const payloads = {
      request: JSON.parse('{"__proto__":1,"$set":{"a.b":2}}'),
      masked: [null, 'é'],
      response: '',
    };
    const session = await add({}, payloads);
    assert.deepEqual(await sessions.findPayloads(session.accountId, session.id), payloads);
    const without = await add();
    assert.equal(await sessions.findPayloads(without.accountId, without.id), null);
  });

  it('payloads stand in a collection of their own, under the tenant, and the row names them', async () => {
    const session = await add({}, PAYLOADS);
    const row = (await rows.findOne({ _id: session.id }))!;
    assert.equal(row.payloads, null);
    const documents = await stored
      .find({ _id: { $regex: `^${session.accountId}/${session.id}/` } })
      .toArray();
    assert.deepEqual(
      documents.map(({ _id, payloads }) => [_id, payloads]),
      [
        [
          `${session.accountId}/${session.id}/${row.payloads_sha256}`,
          '{"masked":"b","request":"a","response":"c"}',
        ],
      ],
    );
    assert.equal(await sessions.findPayloads(stranger, session.id), null);
  });

  it('payloads that an earlier version put into the row are read on, and none come beside them', async () => {
    const session = await add({ open: true });
    await rows.updateOne({ _id: session.id }, { $set: { payloads: JSON.stringify(PAYLOADS) } });
    const find = () => sessions.findPayloads(session.accountId, session.id);
    assert.deepEqual(await find(), PAYLOADS);
    assert.equal(
      await sessions.keepPayloads(session.accountId, session.id, { ...PAYLOADS, masked: 1 }, END),
      false,
    );
    assert.deepEqual(await find(), PAYLOADS);
    await rows.updateOne({ _id: session.id }, { $unset: { payloads_sha256: '' } });
    assert.deepEqual(await find(), PAYLOADS);
  });

  it('payloads that are missing, altered or of another type are unreadable, never none', async () => {
    const session = await add({}, PAYLOADS);
    const refused = () =>
      assert.rejects(sessions.findPayloads(session.accountId, session.id), { name: 'UnreadablePayloads' });
    const mine = { _id: { $regex: `^${session.accountId}/` } };
    for (const payloads of ['{}', 5, '{"request": "Jane D']) {
      await stored.updateOne(mine, { $set: { payloads: payloads as string } });
      await refused();
    }
    await stored.deleteMany(mine);
    await refused();
    await rows.updateOne({ _id: session.id }, { $set: { payloads_sha256: { $gt: '' } as never } });
    await refused();
    await rows.updateOne({ _id: session.id }, { $set: { payloads_sha256: null, payloads: 5 as never } });
    await refused();
  });

  it('of payloads kept at once one stands, and the sweep removes the others and no other', async () => {
    const session = await add({ open: true });
    const { accountId, id } = session;
    const given = [1, 2, 3].map((n) => ({ ...PAYLOADS, request: n }));
    const kept = await Promise.all(
      given.map((payloads) => sessions.keepPayloads(accountId, id, payloads, END)),
    );
    assert.equal(kept.filter(Boolean).length, 1);
    const first = given[kept.indexOf(true)];
    // Stored for a row that was never written.
    await createPayloadStore(db).store(accountId, newId('session'), PAYLOADS);
    const count = () => stored.countDocuments({ _id: { $regex: `^${accountId}/` } });
    const before = await count();
    // Younger than its limit, it may be about to be named.
    await fleetPayloads.settle(new Date(Date.now() - 60_000), 100);
    assert.equal(await count(), before);
    const settled = await fleetPayloads.settle(new Date(Date.now() + 60_000), 100);
    assert.ok(settled.removed >= before - 1, `${settled.removed} of ${before - 1}`);
    assert.equal(await count(), 1);
    assert.deepEqual(await sessions.findPayloads(accountId, id), first);
    assert.deepEqual(await fleetPayloads.settle(new Date(Date.now() + 60_000), 100), { kept: 0, removed: 0 });
  });

  it('payloads are read where the session ended as they came, and the sweep removes those of another end', async () => {
    for (const others of [[], [{ ...END, status: 'partial' as const }]]) {
      for (const [ended, isOwn] of [
        [END, true],
        [{ ...END, status: 'error' as const }, false],
        [{ ...END, endedAt: new Date(END.endedAt.getTime() + 1) }, false],
      ] as const) {
        const { accountId, id } = await add({ open: true });
        for (const end of [END, ...others, END]) {
          assert.equal(await sessions.keepPayloads(accountId, id, PAYLOADS, end), true);
        }
        const other = { ...PAYLOADS, request: 'other' };
        assert.equal(await sessions.keepPayloads(accountId, id, other, ended), false);
        assert.deepEqual(await sessions.findPayloads(accountId, id), PAYLOADS);
        await sessions.recordClose(accountId, id, { ...closed, ...ended });
        assert.deepEqual(await sessions.findPayloads(accountId, id), isOwn ? PAYLOADS : null);
        await sessions.unsettlePayloads(accountId, id, PAYLOADS);
        await fleetPayloads.settle(new Date(Date.now() + 60_000), 100);
        const count = await stored.countDocuments({ _id: { $regex: `^${accountId}/${id}/` } });
        assert.equal(count, isOwn ? 1 : 0);
        assert.deepEqual(await sessions.findPayloads(accountId, id), isOwn ? PAYLOADS : null);
        const naming = await Array.fromAsync(fleetPayloads.listNaming());
        assert.equal(naming.filter((named) => named.sessionId === id).length, count);
      }
    }
  });

  it('payloads are settled beside documents and session rows with ids of any types', async () => {
    const { accountId, id } = await add({ open: true }, PAYLOADS);
    const since = { unsettled_since: new Date(0) };
    for (const _id of [5, new ObjectId(), { toString: 1 }])
      await stored.insertOne({ _id, ...since } as never);
    await rows.updateOne({ _id: id }, { $set: { account_id: { toString: 1 } as never } });
    await stored.updateMany({ _id: { $regex: `^${accountId}/` } }, { $set: since });
    assert.deepEqual(await fleetPayloads.settle(new Date(1), 100), { kept: 0, removed: 4 });
    assert.deepEqual(await fleetPayloads.settle(new Date(1), 100), { kept: 0, removed: 0 });
    await rows.deleteOne({ _id: id });
  });

  it('payloads of a longer import take the place of those before, which the sweep removes', async () => {
    const session = await add({ open: true }, PAYLOADS);
    const { accountId, id } = session;
    await fleetPayloads.settle(new Date(Date.now() + 60_000), 100);
    const longer = { ...PAYLOADS, response: 'longer' };
    assert.ok(await sessions.publishExtension(accountId, session, longer, null));
    assert.deepEqual(await sessions.findPayloads(accountId, id), longer);
    assert.deepEqual(await fleetPayloads.settle(new Date(Date.now() + 60_000), 100), { kept: 1, removed: 1 });
    assert.deepEqual(await sessions.findPayloads(accountId, id), longer);
  });

  it('a sealed session takes no payloads, and nothing is stored for them', async () => {
    const session = build();
    const sealed = { ...session, log: { ...session.log, seal: 'ab'.repeat(32) } };
    await sessions.insert(session.accountId, sealed, null);
    assert.equal(await sessions.keepPayloads(session.accountId, session.id, PAYLOADS, END), false);
    assert.equal(await stored.countDocuments({ _id: { $regex: `^${session.accountId}/` } }), 0);
  });

  it('a session id is stored once', async () => {
    const session = await add();
    assert.equal(await sessions.insert(session.accountId, session, null), false);
    assert.equal(await sessions.insert(stranger, { ...session, accountId: stranger }, null), false);
    assert.deepEqual(await find(session), session);
  });

  it('a session belongs to the account it is stored under, whatever its own field says', async () => {
    const session = build();
    const owner = newId('account');
    await sessions.insert(owner, session, null);
    assert.equal(await find(session), null);
    assert.equal(await fleet.findOwner(session.id), owner);
  });
});

describe("another account's session", () => {
  const raised = { size: 9, headHashHex: 'ab'.repeat(32), aggregate: build0().aggregate };
  function build0(): Session {
    return buildSession({ accountId: stranger, agentId: stranger } as Parameters<typeof buildSession>[0]);
  }

  it("another account's session is never read", async () => {
    const session = await add({}, { request: 1, masked: 2, response: 3 });
    assert.equal(await sessions.find(stranger, session.id), null);
    assert.equal(await sessions.findSnapshot(stranger, session.id), null);
    assert.equal(await sessions.exists(stranger, session.id), false);
    assert.equal(await sessions.findPayloads(stranger, session.id), null);
    assert.deepEqual(await list({}, stranger), []);
    assert.deepEqual(await list({ agentId: session.agentId }, stranger), []);
  });

  it('the rows of many sessions are read as each of them is, without what no log proves, by their account alone', async () => {
    const all = [await add({}), await add({ open: true })];
    const ids = all.map(({ id }) => id);
    const { accountId } = all[0] as Session;
    const found = await sessions.findSnapshots(accountId, [...ids, newId('session')]);
    assert.deepEqual([...found.keys()].sort(), ids.toSorted());
    for (const id of ids) {
      const whole = await sessions.findSnapshot(accountId, id);
      assert.ok(whole);
      const { aggregate: _, upstreamModel: __, stageDurationsMs: ___, ...session } = whole.session;
      assert.deepEqual(found.get(id), { ...whole, session });
    }
    assert.equal((await sessions.findSnapshots(stranger, ids)).size, 0);
  });

  it("another account's session is never raised, closed, marked, claimed, published or replaced", async () => {
    const session = await add({ open: true });
    const { id } = session;
    const before = await db.collection<{ _id: string }>('sessions').findOne({ _id: id });
    assert.equal(await sessions.raiseLog(stranger, id, EMPTY, raised), false);
    const closed = { endedAt: NOON, status: 'ok', aggregate: session.aggregate } as const;
    const log = { ...session.log, seal: 'ab' };
    assert.equal(await sessions.recordClose(stranger, id, { ...closed, log, merkleRootHex: '' }), false);
    assert.equal(await sessions.markFailed(stranger, id, FAULT), false);
    assert.equal(await sessions.markUnverifiable(stranger, id, unknownKey('k_lost')), false);
    const marks = { failed: null, unverifiable: unknownKey('k_lost') };
    assert.equal(await sessions.clearMarks(stranger, id, marks), false);
    const seen = await sessions.findSnapshot(session.accountId, id);
    assert.ok(seen);
    const counted = { aggregate: session.aggregate, size: 0, headHashHex: 'ab' };
    assert.equal(await sessions.finishSession(stranger, seen), false);
    assert.equal(await sessions.replaceCounts(stranger, seen, counted), false);
    const ended = { ...seen, session: { ...session, endedAt: NOON } };
    assert.equal(await sessions.storeRoot(stranger, ended, { ...counted, rootHex: '' }), false);
    assert.deepEqual(await sessions.claimImport(stranger, { ...session, accountId: stranger }, null), {
      status: 'foreign',
    });
    await sessions.publishClaim(stranger, id);
    assert.equal(await sessions.publishRetaken(stranger, session, null, null), false);
    assert.equal(
      await sessions.publishExtension(stranger, { ...session, accountId: stranger }, null, null),
      false,
    );
    assert.deepEqual(await db.collection<{ _id: string }>('sessions').findOne({ _id: id }), before);
  });

  it("another account's claim on a session id is not taken over", async () => {
    const session = build();
    await sessions.claimImport(session.accountId, session, null);
    assert.equal((await sessions.claimImport(stranger, session, null)).status, 'foreign');
    await sessions.publishClaim(stranger, session.id);
    assert.equal(await find(session), null);
  });
});

describe('the recorded head', () => {
  const head = (size: number) => ({
    size,
    headHashHex: size.toString(16).padStart(64, '0'),
    aggregate: { ...build().aggregate, throughSeq: size - 1 },
  });

  it('the recorded head moves upwards from where it was counted', async () => {
    const session = await add({ open: true });
    const raise = (from: number, size: number) =>
      sessions.raiseLog(session.accountId, session.id, { throughSeq: from, size: from + 1 }, head(size));
    assert.ok(await raise(-1, 5));
    assert.equal(await raise(-1, 9), false);
    assert.ok(await raise(4, 9));
    assert.deepEqual((await find(session))?.log, {
      ...session.log,
      size: 9,
      headHashHex: head(9).headHashHex,
    });
  });

  it('the recorded head never moves downwards', async () => {
    const session = await add({ open: true });
    await sessions.raiseLog(session.accountId, session.id, EMPTY, head(9));
    assert.equal(
      await sessions.raiseLog(session.accountId, session.id, { throughSeq: 8, size: 9 }, head(5)),
      false,
    );
    assert.equal((await find(session))?.log.size, 9);
  });

  it('the recorded head is raised by one of many writers', async () => {
    const session = await add({ open: true });
    const raises = Array.from({ length: 16 }, (_, i) =>
      sessions.raiseLog(session.accountId, session.id, EMPTY, head(i + 1)),
    );
    assert.equal((await Promise.all(raises)).filter(Boolean).length, 1);
  });

  it('the recorded head is closed once, and does not move afterwards', async () => {
    const session = await add({ open: true });
    const close = (seal: string) =>
      sessions.recordClose(session.accountId, session.id, {
        endedAt: at(1),
        status: 'error',
        merkleRootHex: 'cd'.repeat(32),
        log: { ...session.log, size: 3, seal },
        aggregate: head(3).aggregate,
        stageDurationsMs: [['__proto__', 5]],
      });
    const closes = await Promise.all(['aa', 'bb', 'cc'].map(close));
    assert.equal(closes.filter(Boolean).length, 1);
    assert.equal(
      await sessions.raiseLog(session.accountId, session.id, { throughSeq: 2, size: 3 }, head(5)),
      false,
    );
    const row = await find(session);
    assert.deepEqual([row?.log.size, row?.status, row?.merkleRootSize, row?.endedAt], [3, 'error', 3, at(1)]);
    assert.deepEqual(row?.stageDurationsMs, [['__proto__', 5]]);
    assert.equal(row?.log.seal, ['aa', 'bb', 'cc'][closes.indexOf(true)]);
  });

  it('a mark does not change the recorded head', async () => {
    const session = await add();
    await sessions.markFailed(session.accountId, session.id, FAULT);
    assert.deepEqual(await find(session), session);
  });
});

describe('an import', () => {
  it('an import is hidden until it is published', async () => {
    const session = build();
    const { accountId, id } = session;
    const payloads = { request: 1, masked: 2, response: 3 };
    assert.deepEqual(await sessions.claimImport(accountId, session, payloads), { status: 'claimed' });
    assert.equal(await find(session), null);
    assert.deepEqual(await list(), []);
    assert.equal(await fleet.findOwner(id), null);
    assert.ok(!(await fleet.listSelected({}, null, 1000)).some(({ sessionId }) => sessionId === id));
    await sessions.publishClaim(accountId, id);
    assert.deepEqual(await find(session), session);
    assert.deepEqual(await sessions.findPayloads(accountId, id), payloads);
    assert.deepEqual(idsOf(await list()), [id]);
    assert.equal(await fleet.findOwner(id), accountId);
  });

  it('an import finds the row that an interrupted one hid, leaves it, and shows it as its own', async () => {
    const session = build();
    const { accountId } = session;
    const first: Session = { ...session, status: 'partial' };
    await sessions.claimImport(accountId, first, null);
    const hidden = await sessions.claimImport(accountId, session, null);
    assert.deepEqual(hidden, { status: 'hidden', session: first });
    assert.equal(await sessions.publishRetaken(accountId, session, null, 'ab'.repeat(32)), false);
    assert.equal(await find(session), null);
    assert.ok(await sessions.publishRetaken(accountId, session, null, null));
    assert.deepEqual(await find(session), session);
    assert.equal(await sessions.publishRetaken(accountId, session, null, null), false);
  });

  it('an import finds a stored session and leaves it as it is', async () => {
    const session = await add();
    const found = await sessions.claimImport(session.accountId, { ...session, status: 'error' }, null);
    assert.deepEqual(found, { status: 'found', session });
    assert.deepEqual(await find(session), session);
  });

  it('an import extends an unsealed session, never shortens it and never changes a sealed one', async () => {
    const session = await add();
    const sized = (size: number, seal: string | null = null) => ({
      ...session,
      log: { ...session.log, size, seal },
    });
    const publish = (size: number, seal?: string) =>
      sessions.publishExtension(session.accountId, sized(size, seal), null, null);
    assert.ok(await publish(9));
    assert.equal(await publish(5), false);
    assert.deepEqual(await find(session), sized(9));
    assert.ok(await publish(12, 'ab'));
    assert.equal(await publish(20), false);
    assert.deepEqual(await find(session), sized(12, 'ab'));
  });
});
