import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createFleetSessions, type FleetSessions } from '../../../shared/sessions/fleet-sessions.ts';
import type { Session, SessionSummary } from '../../../shared/sessions/session.ts';
import {
  createSessionRepository,
  type SessionQuery,
  type SessionRepository,
} from '../../../shared/sessions/session-repository.ts';
import { openTestDatabase, type TestDatabase } from '../../support/mongo.ts';
import { buildSession, type SessionTraits } from '../../support/sessions.ts';

let database: TestDatabase;
let sessions: SessionRepository;
let fleet: FleetSessions;
let tenant: { accountId: string; agentId: string };
const stranger = newId('account');
const releases: (() => Promise<void>)[] = [];

before(async () => {
  database = await openTestDatabase({ after: (release) => releases.push(release) });
  sessions = createSessionRepository(database.db);
  fleet = createFleetSessions(database.db);
});
beforeEach(() => {
  tenant = { accountId: newId('account'), agentId: newId('agent') };
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const NOON = new Date('2026-05-02T12:00:00.000Z');
const at = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);
const WRONG = { status: 'failed', fault: 'altered', seq: 3, expected: null, calculated: null } as const;

const build = (traits: SessionTraits = {}): Session =>
  buildSession(tenant as Parameters<typeof buildSession>[0], { startedAt: NOON, ...traits });

async function add(traits: SessionTraits = {}, payloads: Parameters<SessionRepository['insert']>[2] = null) {
  const session = build(traits);
  assert.ok(await sessions.insert(session.accountId, session, payloads));
  return session;
}

function list(query: Partial<SessionQuery> = {}, accountId = tenant.accountId): Promise<SessionSummary[]> {
  const whole = { since: at(-600), until: at(600), minRedactions: 0, after: null, limit: 100 };
  return sessions.list(accountId, { ...whole, ...query });
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
const find = ({ accountId, id }: Session) => sessions.find(accountId, id);

describe('a stored session', () => {
  it('is found as it was stored, names of any kind included', async () => {
    const session = await add({
      redactionsByKind: [
        ['__proto__', 2],
        ['$gt', 1],
        ['a.b', 4],
      ],
    });
    assert.deepEqual(await find(session), session);
  });

  it('keeps payloads with any key', async () => {
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

  it('keeps its id for itself', async () => {
    const session = await add();
    assert.equal(await sessions.insert(session.accountId, session, null), false);
    assert.equal(await sessions.insert(stranger, { ...session, accountId: stranger }, null), false);
    assert.deepEqual(await find(session), session);
  });

  it('belongs to the account it is stored under, whatever it says itself', async () => {
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

  it('is never read', async () => {
    const session = await add({}, { request: 1, masked: 2, response: 3 });
    assert.equal(await sessions.find(stranger, session.id), null);
    assert.equal(await sessions.findSnapshot(stranger, session.id), null);
    assert.equal(await sessions.exists(stranger, session.id), false);
    assert.equal(await sessions.findPayloads(stranger, session.id), null);
    assert.deepEqual(await list({}, stranger), []);
    assert.deepEqual(await list({ agentId: session.agentId }, stranger), []);
  });

  it('is never raised, closed, marked, claimed, published or replaced', async () => {
    const session = await add({ open: true });
    const { id } = session;
    const before = await database.db.collection<{ _id: string }>('sessions').findOne({ _id: id });
    assert.equal(await sessions.raiseLog(stranger, id, -1, raised), false);
    const closed = { endedAt: NOON, durationMs: 1, status: 'ok', aggregate: session.aggregate } as const;
    const log = { ...session.log, seal: 'ab' };
    assert.equal(await sessions.recordClose(stranger, id, { ...closed, log, merkleRootHex: '' }), false);
    assert.equal(await sessions.markFailed(stranger, id, WRONG), false);
    assert.equal(await sessions.markUnverifiable(stranger, id, 'k_lost'), false);
    const marks = { failed: null, missingKeyId: 'k_lost' };
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
    assert.equal(
      await sessions.publishExtension(stranger, { ...session, accountId: stranger }, null, null),
      false,
    );
    assert.deepEqual(await database.db.collection<{ _id: string }>('sessions').findOne({ _id: id }), before);
  });

  it('that is still a claim is foreign too, and stays one', async () => {
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

  it('moves upwards from where it was counted', async () => {
    const session = await add({ open: true });
    const raise = (from: number, size: number) =>
      sessions.raiseLog(session.accountId, session.id, from, head(size));
    assert.ok(await raise(-1, 5));
    assert.equal(await raise(-1, 9), false);
    assert.ok(await raise(4, 9));
    assert.deepEqual((await find(session))?.log, {
      ...session.log,
      size: 9,
      headHashHex: head(9).headHashHex,
    });
  });

  it('never moves downwards', async () => {
    const session = await add({ open: true });
    await sessions.raiseLog(session.accountId, session.id, -1, head(9));
    assert.equal(await sessions.raiseLog(session.accountId, session.id, 8, head(5)), false);
    assert.equal((await find(session))?.log.size, 9);
  });

  it('is raised by one of many writers', async () => {
    const session = await add({ open: true });
    const raises = Array.from({ length: 16 }, (_, i) =>
      sessions.raiseLog(session.accountId, session.id, -1, head(i + 1)),
    );
    assert.equal((await Promise.all(raises)).filter(Boolean).length, 1);
  });

  it('is closed once, and moves no more', async () => {
    const session = await add({ open: true });
    const close = (seal: string) =>
      sessions.recordClose(session.accountId, session.id, {
        endedAt: at(1),
        durationMs: 60_000,
        status: 'error',
        merkleRootHex: 'cd'.repeat(32),
        log: { ...session.log, size: 3, seal },
        aggregate: head(3).aggregate,
        stageDurationsMs: [['__proto__', 5]],
      });
    const closes = await Promise.all(['aa', 'bb', 'cc'].map(close));
    assert.equal(closes.filter(Boolean).length, 1);
    assert.equal(await sessions.raiseLog(session.accountId, session.id, 2, head(5)), false);
    const row = await find(session);
    assert.deepEqual(
      [row?.log.size, row?.status, row?.merkleRootSize, row?.durationMs],
      [3, 'error', 3, 60_000],
    );
    assert.deepEqual(row?.stageDurationsMs, [['__proto__', 5]]);
    assert.equal(row?.log.seal, ['aa', 'bb', 'cc'][closes.indexOf(true)]);
  });

  it('is not changed by a mark', async () => {
    const session = await add();
    await sessions.markFailed(session.accountId, session.id, WRONG);
    assert.deepEqual(await find(session), session);
  });
});

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

  it('has the session, how often it was changed, its stage and its marks', async () => {
    const session = await add();
    const unmarked = { failed: null, missingKeyId: null };
    assert.deepEqual(await snapshot(session), { session, changes: 0, stage: null, marks: unmarked });
    await sessions.markUnverifiable(session.accountId, session.id, 'k_lost');
    await sessions.markFailed(session.accountId, session.id, WRONG);
    await sessions.finishSession(session.accountId, await snapshot(session));
    const { stage, marks } = await snapshot(session);
    assert.equal(stage, 'counted');
    assert.deepEqual([marks.failed?.fault, marks.failed?.seq, marks.missingKeyId], ['altered', 3, 'k_lost']);
    assert.ok(marks.failed && Date.now() - marks.failed.foundAt.getTime() < 60_000);
    assert.ok(await sessions.exists(session.accountId, session.id));
  });

  it('is none of a session that is not there, or that is still imported', async () => {
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

  it('takes no result once the session was changed', async () => {
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

  it('are new once for as long as the finding is the same', async () => {
    const session = await add();
    const { accountId, id } = session;
    const fail = (seq: number) => sessions.markFailed(accountId, id, { ...WRONG, seq });
    assert.deepEqual([await fail(3), await fail(3), await fail(2), await fail(3)], [true, false, true, true]);
    const lose = (keyId: string) => sessions.markUnverifiable(accountId, id, keyId);
    assert.deepEqual([await lose('k_a'), await lose('k_a'), await lose('k_b')], [true, false, true]);
  });

  it('are taken away only as they were seen, and the session is due again then', async () => {
    const session = await add();
    const { accountId, id } = session;
    await sessions.markFailed(accountId, id, WRONG);
    const seen = await marksOf(session);
    await sessions.finishSession(accountId, (await sessions.findSnapshot(accountId, id))!);
    await sessions.markFailed(accountId, id, { ...WRONG, seq: 9 });
    assert.equal(await sessions.clearMarks(accountId, id, seen), false);
    assert.equal((await marksOf(session)).failed?.seq, 9);
    assert.ok(await sessions.clearMarks(accountId, id, await marksOf(session)));
    const { stage, changes, marks } = (await sessions.findSnapshot(accountId, id))!;
    assert.deepEqual([stage, changes, marks], [null, 1, { failed: null, missingKeyId: null }]);
    assert.equal(await sessions.clearMarks(accountId, id, marks), false);
  });
});

describe('an import', () => {
  it('is hidden until it is published', async () => {
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

  it('takes over the claim of one that was interrupted, with what it brings itself', async () => {
    const session = build();
    await sessions.claimImport(session.accountId, { ...session, status: 'partial' }, null);
    assert.deepEqual(await sessions.claimImport(session.accountId, session, null), { status: 'claimed' });
    await sessions.publishClaim(session.accountId, session.id);
    assert.deepEqual(await find(session), session);
  });

  it('finds a stored session and leaves it as it is', async () => {
    const session = await add();
    const found = await sessions.claimImport(session.accountId, { ...session, status: 'error' }, null);
    assert.deepEqual(found, { status: 'found', session });
    assert.deepEqual(await find(session), session);
  });

  it('extends an unsealed session, and neither shortens it nor touches a sealed one', async () => {
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

describe('the list of sessions', () => {
  it('has the newest start first, and the highest id first where starts are equal', async () => {
    const rows = [];
    for (const minutes of [3, 1, 2, 1, 3, 1, 1, 2]) rows.push(await add({ startedAt: at(minutes) }));
    const expected = rows
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    assert.deepEqual(idsOf(await list()), expected);
    for (const limit of [1, 2, 3, 5, 8]) {
      const pages: SessionSummary[] = [];
      let page = await list({ limit });
      while (page.length > 0) {
        assert.ok(page.length <= limit);
        pages.push(...page);
        const { startedAt, id } = page.at(-1) as SessionSummary;
        page = await list({ limit, after: { startedAt, id } });
      }
      assert.deepEqual(idsOf(pages), expected, `by ${limit}`);
    }
  });

  it('begins with `since` and ends before `until`', async () => {
    const [early, middle, late] = [
      await add({ startedAt: at(0) }),
      await add({ startedAt: at(1) }),
      await add({ startedAt: at(2) }),
    ];
    assert.deepEqual(idsOf(await list({ since: at(0), until: at(2) })), [middle.id, early.id]);
    assert.deepEqual(idsOf(await list({ since: new Date(at(0).getTime() + 1) })), [late.id, middle.id]);
    assert.deepEqual(await list({ since: at(1), until: at(1) }), []);
    const cursor = { startedAt: at(2), id: late.id };
    assert.deepEqual(idsOf(await list({ since: at(1), after: cursor })), [middle.id]);
    // A cursor from elsewhere opens no window that the query closes.
    assert.deepEqual(idsOf(await list({ until: at(1), after: cursor })), [early.id]);
  });

  it('has only sessions that have ended', async () => {
    await add({ open: true });
    const ended = await add();
    assert.deepEqual(idsOf(await list()), [ended.id]);
  });

  it('filters by agent, status and redactions, together too', async () => {
    const agentId = newId('agent');
    const rows = {
      other: await add({ redactionsByKind: [['NAME', 5]] }),
      few: await add({ agentId, redactionsByKind: [['NAME', 2]] }),
      many: await add({ agentId, redactionsByKind: [['NAME', 3]] }),
      failed: await add({ agentId, status: 'error', redactionsByKind: [['NAME', 7]] }),
    };
    const found = async (query: Partial<SessionQuery>) => new Set(idsOf(await list(query)));
    const named = (...names: (keyof typeof rows)[]) => new Set(names.map((name) => rows[name].id));
    assert.deepEqual(await found({ agentId }), named('few', 'many', 'failed'));
    assert.deepEqual(await found({ status: 'ok' }), named('other', 'few', 'many'));
    assert.deepEqual(await found({ minRedactions: 3 }), named('other', 'many', 'failed'));
    assert.deepEqual(await found({ agentId, status: 'ok', minRedactions: 3 }), named('many'));
    assert.deepEqual(await found({ status: 'partial' }), named());
  });
});
