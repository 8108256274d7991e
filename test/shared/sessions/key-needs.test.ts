import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Collection, Timestamp } from 'mongodb';
import { EVERY_LOG, type KeyScope } from '../../../shared/audit/audit-keys.ts';
import { computeKeyCheck } from '../../../shared/audit/chain.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { describeNeeds, explainNeeds } from '../../../shared/sessions/describe-key-needs.ts';
import { countNeeds, createKeyNeeds, judgeUses, type ScopeGap } from '../../../shared/sessions/key-needs.ts';
import { createKeyUseRepository, type KeyUseRepository } from '../../../shared/sessions/key-uses.ts';
import {
  createSessionRepository,
  type SessionRepository,
} from '../../../shared/sessions/session-repository.ts';
import { SESSIONS, type StoredSession } from '../../../shared/sessions/session-row.ts';
import { farDate } from '../../support/far-date.ts';
import { openTestDatabase, type TestDatabase } from '../../support/mongo.ts';
import { buildSession } from '../../support/sessions.ts';

let database: TestDatabase;
let sessions: SessionRepository;
let uses: KeyUseRepository;
let rows: Collection<StoredSession>;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  database = await openTestDatabase({ after: (release) => releases.push(release) });
  sessions = createSessionRepository(database.db);
  uses = createKeyUseRepository(database.db);
  rows = database.db.collection(SESSIONS);
});
beforeEach(async () => {
  await rows.deleteMany({});
  await database.db.collection('audit_key_uses').deleteMany({});
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const keyOf = (id: string, byte: number) => ({ id, bytes: new Uint8Array(32).fill(byte) });
const [K1, K2] = [keyOf('k1', 1), keyOf('k2', 2)];
const WRONG_K1 = keyOf('k1', 9);

const needsOf = (...keys: (typeof K1)[]) => createKeyNeeds(database.db, keys).find();
const missing = (keyId: string, sessionCount: number) => ({ keyId, problem: 'missing', sessionCount });
const mismatch = (keyId: string, sessionCount: number) => ({ keyId, problem: 'mismatch', sessionCount });

function build(key: typeof K1) {
  const owner = { accountId: newId('account'), agentId: newId('agent'), cookie: '' };
  const session = buildSession(owner, { open: true });
  return { ...session, log: { ...session.log, keyId: key.id, keyCheck: computeKeyCheck(key.bytes) } };
}

/** A new, open session under the key. */
async function add(key: typeof K1): Promise<string> {
  const session = build(key);
  await sessions.insert(session.accountId, session, null);
  return session.id;
}

describe('the audit keys that stored logs need', () => {
  it('no key is needed where every log names a configured key, or there is no log', async () => {
    assert.deepEqual(await needsOf(), []);
    await add(K1);
    assert.deepEqual(await needsOf(K1, K2), []);
  });

  it('a key that is missing and one that does not match are found at once, by whichever process wrote', async () => {
    for (const key of [K1, K1, K2]) await add(key);
    assert.deepEqual(await needsOf(), [missing('k1', 2), missing('k2', 1)]);
    assert.deepEqual(await needsOf(K2), [missing('k1', 2)]);
    assert.deepEqual(await needsOf(WRONG_K1, K2), [mismatch('k1', 2)]);
  });

  it('an account is told of the keys that its own logs need, and of no other account', async () => {
    const [ours, theirs] = [build(K1), build(K2)];
    const wrong = { ...build(WRONG_K1), accountId: theirs.accountId };
    for (const session of [ours, theirs, wrong]) await sessions.insert(session.accountId, session, null);
    const needs = createKeyNeeds(database.db, [K1]);
    assert.deepEqual(await needs.find(), [mismatch('k1', 1), missing('k2', 1)]);
    assert.deepEqual(await needs.findOf(ours.accountId), []);
    assert.deepEqual(await needs.findOf(theirs.accountId), [mismatch('k1', 1), missing('k2', 1)]);
    assert.deepEqual(await needs.findOf(newId('account')), []);
    assert.deepEqual(await createKeyNeeds(database.db, []).findOf(ours.accountId), [missing('k1', 1)]);
  });

  it('an account is told of a scope that leaves its own logs out, without the id of another', async () => {
    const [ours, theirs] = [build(K1), build(K1)];
    for (const session of [ours, theirs]) await sessions.insert(session.accountId, session, null);
    const scope = { ...EVERY_LOG, accountIds: [newId('account')] };
    const needs = createKeyNeeds(database.db, [{ ...K1, scope }]);
    const lacks = { accountIds: [ours.accountId], notBefore: null, notAfter: null };
    assert.equal((await needs.find())[0]?.sessionCount, 2);
    assert.deepEqual(await needs.findOf(ours.accountId), [
      { keyId: 'k1', problem: 'out_of_scope', sessionCount: 1, lacks },
    ]);
  });

  it('the first log under a key is found although the uses were counted before it', async () => {
    await add(K1);
    await uses.recount();
    await add(K2);
    assert.deepEqual(await needsOf(K1), [missing('k2', 1)]);
    await add(WRONG_K1);
    assert.deepEqual(await needsOf(K1, K2), [mismatch('k1', 1)]);
  });

  it('a key that is brought back is needed no more, without another count', async () => {
    await add(K1);
    assert.deepEqual(await needsOf(WRONG_K1), [mismatch('k1', 1)]);
    assert.deepEqual(await needsOf(K1), []);
  });

  it('counts follow sessions that were added and deleted, once the pipeline has counted', async () => {
    const ids = [await add(K1), await add(K1)];
    assert.deepEqual(await needsOf(), [missing('k1', 2)]);
    await add(K1);
    await rows.deleteOne({ _id: ids[0]! });
    await rows.deleteOne({ _id: ids[1]! });
    await uses.recount();
    assert.deepEqual(await needsOf(), [missing('k1', 1)]);
    await rows.deleteMany({});
    await uses.recount();
    assert.deepEqual(await needsOf(), []);
    await add(K1);
    assert.deepEqual(await needsOf(), [missing('k1', 1)]);
  });

  it('a hidden import needs its key once it is published', async () => {
    const session = build(K1);
    await sessions.claimImport(session.accountId, session, null);
    assert.deepEqual(await needsOf(), []);
    assert.deepEqual(await countNeeds(database.db), []);
    await sessions.publishClaim(session.accountId, session.id);
    assert.deepEqual(await needsOf(), [missing('k1', 1)]);
  });

  it('without a pipeline, a count of minutes ago is made again where a key is needed', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await add(K1);
    await needsOf();
    await rows.deleteMany({});
    assert.deepEqual(await needsOf(), [missing('k1', 1)]);
    t.mock.timers.tick(6 * 60_000);
    assert.deepEqual(await needsOf(), []);
  });

  it('a refusal to make a key rests on a count of its own', async () => {
    await add(K1);
    await uses.recount();
    await rows.deleteMany({});
    assert.deepEqual(await countNeeds(database.db), []);
  });

  it('a log whose record names no key as text needs none: it is failed', async () => {
    const id = await add(K1);
    for (const log of [null, { key_id: 5, key_check: 'x' }, { key_id: 'k1', key_check: null }]) {
      await rows.updateOne({ _id: id }, { $set: { log } } as object);
      assert.equal(await uses.hasOthers([]), false);
      assert.deepEqual((await uses.recount()).uses, []);
    }
  });
});

describe('the audit keys whose scope leaves stored logs out', () => {
  const scoped = (scope: Partial<KeyScope>, key = K1) => ({ ...key, scope: { ...EVERY_LOG, ...scope } });
  const at = (day: number) => new Date(Date.UTC(2026, 4, day));
  const [ACC_A, ACC_B] = [newId('account'), newId('account')].sort() as [string, string];

  async function addFor(accountId: string, startedAt: Date, key = K1): Promise<string> {
    const session = { ...build(key), accountId, startedAt };
    await sessions.insert(accountId, session, null);
    return session.id;
  }
  const outOfScope = (sessionCount: number, lacks: Partial<ScopeGap>) => ({
    keyId: 'k1',
    problem: 'out_of_scope',
    sessionCount,
    lacks: { accountIds: [], notBefore: null, notAfter: null, ...lacks },
  });

  it('an account that the scope lacks is found at once, with how many sessions it has', async () => {
    const needs = createKeyNeeds(database.db, [scoped({ accountIds: [ACC_A] }), K2]);
    await addFor(ACC_A, at(1));
    assert.deepEqual(await needs.find(), []);
    for (const day of [1, 2]) await addFor(ACC_B, at(day));
    assert.deepEqual(await needs.find(), [outOfScope(2, { accountIds: [ACC_B] })]);
    assert.deepEqual(await needsOf(scoped({ accountIds: [ACC_A, ACC_B] })), []);
  });

  it('starts before and after the scope are found, and those at its ends are in it', async () => {
    for (const day of [1, 2, 3, 4, 5]) await addFor(ACC_A, at(day));
    await addFor(ACC_B, at(6));
    for (const accountIds of [[], [ACC_A, ACC_B]]) {
      const of = (notBefore: Date | null, notAfter: Date | null) =>
        needsOf(scoped({ accountIds, notBefore, notAfter }));
      assert.deepEqual(await of(at(1), at(6)), []);
      assert.deepEqual(await of(at(3), null), [outOfScope(2, { notBefore: at(1) })]);
      assert.deepEqual(await of(null, at(5)), [outOfScope(1, { notAfter: at(6) })]);
      assert.deepEqual(await of(at(2), at(4)), [outOfScope(3, { notBefore: at(1), notAfter: at(6) })]);
    }
    const both = await needsOf(scoped({ accountIds: [ACC_B], notAfter: at(4) }));
    assert.deepEqual(both, [outOfScope(6, { accountIds: [ACC_A], notAfter: at(6) })]);
  });

  it('a second key is found at once although another was found out of scope just before', async () => {
    const needs = createKeyNeeds(
      database.db,
      [K1, K2].map((key) => scoped({ accountIds: [ACC_A] }, key)),
    );
    await addFor(ACC_B, at(1), K1);
    assert.deepEqual(
      (await needs.find()).map(({ keyId }) => keyId),
      ['k1'],
    );
    await addFor(ACC_B, at(1), K2);
    assert.deepEqual(
      (await needs.find()).map(({ keyId }) => keyId),
      ['k1', 'k2'],
    );
  });

  it('logs under another key of that id do not match, and are not out of scope', async () => {
    await addFor(ACC_B, at(1), WRONG_K1);
    assert.deepEqual(await needsOf(scoped({ accountIds: [ACC_A] })), [mismatch('k1', 1)]);
  });

  it('a hidden import and a row whose start is no time are in no scope and need none', async () => {
    const session = { ...build(K1), accountId: ACC_B };
    await sessions.claimImport(ACC_B, session, null);
    const id = await addFor(ACC_B, at(1));
    for (const started_at of ['2026', Timestamp.fromNumber(1), null, [at(0)], [at(2), at(9)], farDate()]) {
      await rows.updateOne({ _id: id }, { $set: { started_at } } as object);
      for (const scope of [{ accountIds: [ACC_A] }, { notAfter: at(1) }, { notBefore: at(1) }])
        assert.deepEqual(await needsOf(scoped(scope)), []);
    }
    await sessions.publishClaim(ACC_B, session.id);
    assert.equal((await needsOf(scoped({ accountIds: [ACC_A] }))).length, 1);
  });

  it('a log names the accounts to add, and /health how many there are', async () => {
    await addFor(ACC_A, at(1));
    await addFor(ACC_B, at(9));
    const needed = await needsOf(scoped({ accountIds: [newId('account')], notAfter: at(8) }));
    assert.equal(
      describeNeeds(needed),
      'k1 is out of scope (2 sessions; ;account= is missing for 2 accounts; not_after must be 2026-05-09T00:00:00.000Z or later)',
    );
    assert.equal(
      explainNeeds(needed),
      `Stored logs need audit keys: ${describeNeeds(needed)}. A log that its key may not prove is failed, key_out_of_scope. If the key is theirs, widen its scope in AUDIT_KEYS: k1: add ;account=${ACC_A}, ;account=${ACC_B}, not_after must be 2026-05-09T00:00:00.000Z or later.`,
    );
  });
});

describe('the count of key uses', () => {
  it('a forged count, whose version would be an operator in a filter, silences no missing key', async () => {
    await add(K1);
    const forged = { version: { $gt: 5 }, uses: [], counted_at: new Date(), took_ms: 1 };
    await database.db.collection('audit_key_uses').insertOne({ _id: 'all' as never, ...forged });
    assert.deepEqual(await needsOf(K2), [missing('k1', 1)]);
  });

  it('a count of another type than a count writes stops no search, and is made again', async () => {
    await add(K1);
    const kept = database.db.collection<{ _id: string }>('audit_key_uses');
    const sound = { version: 1, counted_at: new Date(), took_ms: 1, uses: [] };
    const forged = ['uses', 'counted_at', 'took_ms', 'version'].flatMap((name) =>
      [null, 'x', -1, {}, [null], [{ key_id: 1 }]].map((value) => ({ ...sound, [name]: value })),
    );
    for (const row of [...forged, {}]) {
      await kept.replaceOne({ _id: 'all' }, row, { upsert: true });
      assert.deepEqual(await needsOf(K2), [missing('k1', 1)], JSON.stringify(row));
      await kept.replaceOne({ _id: 'all' }, row, { upsert: true });
      assert.deepEqual(await needsOf(K1), [], JSON.stringify(row));
      await uses.keepCounted();
      assert.deepEqual(await needsOf(K2), [missing('k1', 1)], JSON.stringify(row));
    }
  });

  it('counts at the same time leave the latest', async () => {
    for (let round = 0; round < 5; round += 1) {
      await add(K1);
      const counts = await Promise.all(Array.from({ length: 6 }, () => uses.recount()));
      for (const { uses } of counts) assert.equal(uses[0]?.sessionCount, round + 1);
      assert.equal((await uses.find())?.uses[0]?.sessionCount, round + 1);
    }
  });

  it('the pipeline does not count again where counting would take more than a hundredth of the time', async () => {
    const kept = database.db.collection('audit_key_uses');
    await add(K1);
    await uses.recount();
    await add(K1);
    await kept.updateMany({}, { $set: { took_ms: 60_000 } });
    await uses.keepCounted();
    assert.equal((await uses.find())?.uses[0]?.sessionCount, 1);
    await kept.updateMany({}, { $set: { took_ms: 0 } });
    await uses.keepCounted();
    assert.equal((await uses.find())?.uses[0]?.sessionCount, 2);
  });
});

describe('the words for needed keys', () => {
  it('an id that no setting can hold is not repeated', () => {
    const odd = ['a b', '', '__proto__ ', 'x'.repeat(65), 'k\n{"level":60}'];
    const needed = judgeUses(
      odd.map((keyId) => ({ keyId, keyCheck: 'c', sessionCount: 2 })),
      new Map(),
    );
    assert.deepEqual(needed, [missing('(unreadable id)', 10)]);
  });

  it('ten keys are named, and the rest counted', () => {
    const ids = Array.from({ length: 12 }, (_, i) => `k${10 + i}`);
    const needed = judgeUses(
      ids.map((keyId) => ({ keyId, keyCheck: 'c', sessionCount: 1 })),
      new Map(),
    );
    assert.match(describeNeeds(needed), /k19 is not configured \(1 session\), and 2 more$/);
  });
});
