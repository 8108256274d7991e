// Somebody who can write to the database, and has neither the audit key nor the signing key, puts rows into the ledger.
import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createVerifyDeps, verifyHere } from '../../../workers/logs/verify-session.ts';
import { openLogReader } from '../../../workers/reports/account-logs.ts';
import { createReportPool } from '../../../workers/reports/pool.ts';
import { cutTail, NEVER, openTestLogs, recordStated, TEST_SIGNING } from '../../support/account-logs.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { markEnd } from '../../support/pipeline-world.ts';
import { verifyStored } from '../../support/verify.ts';

const world = await createLogWorld({ after });
type Row = { _id: string } & Record<string, unknown>;
const [sessions, reports] = ['sessions', 'reports'].map((name) => world.db.collection<Row>(name));
assert.ok(sessions && reports);

const FALSE_ROOT = 'ab'.repeat(32);

/** Puts a row into the ledger that nobody issued. */
async function forge({ accountId, id }: Session, row: object): Promise<string> {
  const _id = newId('report');
  const facts = { account_id: accountId, session_id: id, scope: 'session', user_id: newId('user') };
  const stated = { root_hex: FALSE_ROOT, size: 3, log_state: 'open', json_sha256: 'cd'.repeat(32) };
  const times = { since: new Date(0), until: null, generated_at: new Date() };
  await reports?.insertOne({ _id, ...facts, ...stated, ...times, format: 'json', ...row });
  return _id;
}

/** A deployment with a signing key: how it walks, and how it keeps and reports. */
async function open(t: TestContext, settings = TEST_SIGNING, key = TEST_KEY) {
  const logs = await openTestLogs(t, world, { settings });
  const { identity } = logs.signing;
  const reader = openLogReader(world.db, identity);
  assert.ok(reader);
  const deps = createVerifyDeps(world.db, [key], { reader, keys: identity });
  return {
    report: (session: Session) => recordStated(world, logs, session),
    async keep({ accountId }: Session) {
      assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null);
    },
    async walk({ accountId, id: sessionId }: Session, until: number | null = null) {
      const evidence = await verifyHere(deps, { accountId, sessionId, anchors: [], until, listed: 0 });
      assert.ok(evidence);
      return evidence.verdict;
    },
  };
}

type Deployment = Awaited<ReturnType<typeof open>>;

async function disputedOf({ walk }: Deployment, session: Session) {
  const verdict = await walk(session);
  assert.equal(verdictName(verdict), 'verified');
  return verdict.status === 'verified' ? verdict.disputed : undefined;
}

/** False rows: whatever root, size, state or type they invent. */
const FALSE_ROWS: Record<string, object> = {
  'another root': {},
  'another root of the whole log': { size: 5 },
  'more entries than there are': { size: 5_000 },
  'a root that is none': { root_hex: 'no root' },
  'a root of another type': { root_hex: { hex: FALSE_ROOT } },
  'a size of another type': { size: '3' },
  'a statement that nobody signed': { statement: 'x', entry_statement: 'x' },
};

describe('a row of the ledger that nobody signed', () => {
  for (const [name, row] of Object.entries(FALSE_ROWS)) {
    it(`fails no sealed log that a signed report agrees with: ${name}`, async (t) => {
      const deployment = await open(t);
      const session = await writeSession(world, 5);
      await deployment.report(session);
      assert.equal(await disputedOf(deployment, session), undefined);
      const id = await forge(session, row);
      const disputed = await disputedOf(deployment, session);
      assert.deepEqual(
        disputed?.map(({ reportId }) => reportId),
        [id],
      );
    });

    it(`fails no log that stands in the account log: ${name}`, async (t) => {
      const deployment = await open(t);
      const session = await writeSession(world, 5);
      await deployment.keep(session);
      const id = await forge(session, row);
      assert.deepEqual(
        (await disputedOf(deployment, session))?.map(({ reportId }) => reportId),
        [id],
      );
      // The row need not even name its entry any more.
      await sessions?.updateOne({ _id: session.id }, { $unset: { log_index: '' } });
      assert.equal((await disputedOf(deployment, session))?.length, 1);
    });
  }

  it('fails a log where nothing signed speaks about it, and is named', async (t) => {
    const { walk } = await open(t);
    const session = await writeSession(world, 5);
    const id = await forge(session, {});
    const verdict = await walk(session);
    assert.equal(verdictName(verdict), 'root_mismatch');
    assert.deepEqual(verdict.status === 'failed' && verdict.anchor, {
      source: 'reported',
      isSigned: false,
      reportId: id,
    });
  });

  it('fails a log as ever in a deployment without a signing key', async () => {
    const session = await writeSession(world, 5);
    await forge(session, {});
    const order = { accountId: session.accountId, sessionId: session.id, anchors: [] };
    const deps = createVerifyDeps(world.db, [TEST_KEY]);
    const evidence = await verifyHere(deps, { ...order, until: null, listed: 0 });
    assert.ok(evidence?.verdict.status === 'failed');
    assert.equal(evidence.verdict.fault, 'root_mismatch');
    assert.equal(evidence.verdict.anchor, undefined);
  });

  it('fails an open log that it says had more entries than any signed report saw', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    const rootHex = await cutTail(world, session, 3);
    const log = { ...session.log, size: 3 };
    await deployment.report({ ...session, log, merkleRootHex: rootHex });
    // It was sealed then: that is what `recordStated` says, and nobody signed it.
    await reports?.updateOne({ session_id: session.id }, { $set: { log_state: 'open' } });
    const smaller = await forge(session, { size: 2 });
    assert.deepEqual(await disputedOf(deployment, session), [
      { source: 'reported', reportId: smaller, claim: 'root' },
    ]);
    const larger = await forge(session, { size: 5, root_hex: session.merkleRootHex });
    const verdict = await deployment.walk(session);
    assert.ok(verdict.status === 'failed');
    assert.deepEqual([verdict.fault, verdict.anchor?.reportId], ['truncated', larger]);
  });

  it('is a signed one no more once its root, its size or its session was changed', async (t) => {
    const deployment = await open(t);
    const [session, other] = [await writeSession(world, 5), await writeSession(world, 5)];
    const [id, moved] = [await deployment.report(session), await deployment.report(session)];
    await reports?.updateOne({ _id: id }, { $set: { root_hex: FALSE_ROOT } });
    assert.deepEqual(await disputedOf(deployment, session), [
      { source: 'reported', reportId: id, claim: 'root' },
    ]);
    await reports?.updateOne({ _id: moved }, { $set: { session_id: other.id, account_id: other.accountId } });
    const verdict = await deployment.walk(other);
    assert.ok(verdict.status === 'failed');
    assert.deepEqual(verdict.anchor, { source: 'reported', isSigned: false, reportId: moved });
  });

  it('does not hide a log that was rewritten where its signature was taken off a true row', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    await deployment.keep(session);
    const id = await deployment.report(session);
    const rootHex = await cutTail(world, session, 3);
    assert.notEqual(rootHex, session.merkleRootHex);
    await reports?.updateOne({ _id: id }, { $unset: { statement: '', entry_statement: '' } });
    const verdict = await deployment.walk(session);
    assert.ok(verdict.status === 'failed');
    assert.deepEqual([verdict.fault, verdict.anchor?.source], ['seal_missing', 'reported']);
    await reports?.deleteOne({ _id: id });
    assert.equal(verdictName(await deployment.walk(session)), 'seal_missing');
  });

  it('makes no log miss a seal that the account log says it never had', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    await sessions?.updateOne({ _id: session.id }, { $set: { 'log.seal': null } });
    const id = await forge(session, { size: 5, root_hex: session.merkleRootHex, log_state: 'sealed' });
    const before = await deployment.walk(session);
    assert.ok(before.status === 'failed');
    assert.deepEqual([before.fault, before.anchor?.reportId], ['seal_missing', id]);
    await reports?.deleteOne({ _id: id });
    await markEnd(world, session);
    await deployment.keep(session);
    const again = await forge(session, { size: 5, root_hex: session.merkleRootHex, log_state: 'sealed' });
    assert.deepEqual(await disputedOf(deployment, session), [
      { source: 'reported', reportId: again, claim: 'seal' },
    ]);
  });

  it('hides no signed root behind a thousand others', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    await deployment.report(session);
    const rows = Array.from({ length: 1_100 }, (_, i) => ({
      ...{ _id: newId('report'), account_id: session.accountId, session_id: session.id },
      ...{ size: 6 + i, root_hex: FALSE_ROOT, entry_statement: i % 2 === 0 ? '' : 1 },
    }));
    await reports?.insertMany(rows);
    assert.equal((await disputedOf(deployment, session))?.length, 1_000);
  });

  it('fails no part of a log, no log of many ranges, on threads as in commands', async (t) => {
    const deployment = await open(t);
    const pool = await createReportPool({
      mongodbUri: world.database.uri,
      config: {
        ...{ mongodbDb: world.database.name, auditKeys: [TEST_KEY], signing: TEST_SIGNING },
        ...{ reportThreads: 2, reportQueueLimit: 64 },
      },
    });
    t.after(() => pool.close());
    const session = await writeSession(world, 9_000);
    await deployment.report(session);
    await forge(session, { size: 8_500 });
    await forge(session, { size: 'all' });
    assert.equal(verdictName(await deployment.walk(session, 8_600)), 'verified');
    assert.equal(verdictName(await deployment.walk(session, 100)), 'verified');
    const { verdict } = await verifyStored(pool, session);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual(verdict.disputed?.map(({ claim }) => claim).sort(), ['form', 'root']);
  });

  it('fails a log that a signed report contradicts, whatever else the ledger holds', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    const id = await deployment.report({ ...session, merkleRootHex: FALSE_ROOT });
    await forge(session, { size: 99 });
    const verdict = await deployment.walk(session);
    assert.ok(verdict.status === 'failed');
    assert.deepEqual([verdict.fault, verdict.anchor?.isSigned], ['root_mismatch', true]);
    assert.ok(id);
  });

  it('fails a log that a signed report contradicts, behind any number of rows that nobody signed', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    await deployment.keep(session);
    await deployment.report({ ...session, merkleRootHex: FALSE_ROOT });
    const odd = { size: 'x', entry_statement: 'x' };
    await Promise.all(Array.from({ length: 1001 }, () => forge(session, odd)));
    const verdict = await deployment.walk(session);
    assert.ok(verdict.status === 'failed');
    assert.deepEqual([verdict.fault, verdict.anchor?.isSigned], ['root_mismatch', true]);
  });
});

describe('a row that somebody gave the name of another key', () => {
  const rename = (session: Session) =>
    sessions?.updateOne(
      { _id: session.id },
      { $set: { 'log.key_id': 'k_lost', 'log.key_check': 'ab'.repeat(8) } },
    );

  it('fails its log where the account log names the true one: nobody may choose that nothing is checked', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    await deployment.keep(session);
    const about = { expected: 'k_test', calculated: 'k_lost' };
    const anchor = { source: 'checkpoint', isSigned: true, reportId: null };
    const failed = { status: 'failed', fault: 'altered', seq: 0, ...about, anchor };
    await rename(session);
    assert.deepEqual(await deployment.walk(session), failed);
    await sessions?.updateOne({ _id: session.id }, { $unset: { log_index: '' }, $set: { 'log.seal': null } });
    assert.deepEqual(await deployment.walk(session), failed);
  });

  it('is of a key that is not configured where nothing signed speaks about it', async (t) => {
    const deployment = await open(t);
    const session = await writeSession(world, 5);
    await deployment.report(session);
    await rename(session);
    const verdict = await deployment.walk(session);
    assert.deepEqual(verdict, { status: 'unverifiable', reason: 'unknown_key', keyId: 'k_lost' });
  });

  it('leaves a log unverifiable whose key is lost, and which the account log names', async (t) => {
    const lost = { id: 'k_other', bytes: new Uint8Array(32).fill(8) };
    const { keep, walk } = await open(t, TEST_SIGNING, lost);
    const session = await writeSession(world, 5);
    await keep(session);
    assert.deepEqual(await walk(session), { status: 'unverifiable', reason: 'unknown_key', keyId: 'k_test' });
  });
});
