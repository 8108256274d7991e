import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type BenchAccount, createBenchAccount } from '../../../scripts/bench/bench-account.ts';
import { draftEvent, SAMPLE_KEY } from '../../../scripts/bench/sample-log.ts';
import { storeLog } from '../../../scripts/bench/stored-log.ts';
import { createAuditKey, createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { openingMarkOf } from '../../../shared/audit/opening.ts';
import { damagedRow, verdictName } from '../../../shared/audit/verdict.ts';
import { createSegmentRepository } from '../../../shared/log-store/segment-repository.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createSessionRepository } from '../../../shared/sessions/session-repository.ts';
import { SESSIONS } from '../../../shared/sessions/session-row.ts';
import { createVerifyDeps } from '../../../workers/logs/verify-session.ts';
import { RANGE_SIZE } from '../../../workers/logs/walk-plan.ts';
import { createFactGatherer } from '../../../workers/reports/gather-facts.ts';
import { createReportPool, type ReportOutcome, type ReportPool } from '../../../workers/reports/pool.ts';
import type { MadeReport, ReportOrder } from '../../../workers/reports/report-orders.ts';
import { beginReport } from '../../../workers/reports/report-tasks.ts';
import { createStopFlag } from '../../../workers/threads/stop-flag.ts';
import { createLogWorld, type LogWorld } from '../../support/audit-world.ts';
import { ASKER } from '../../support/report-facts.ts';
import { editSegment } from '../../support/segments.ts';
import { verifyStored } from '../../support/verify.ts';

let world: LogWorld;
let account: BenchAccount;
let pool: ReportPool;
const releases: (() => Promise<void>)[] = [];
const { signal } = new AbortController();

before(async () => {
  world = await createLogWorld({ after: (release) => releases.push(release) });
  account = await createBenchAccount(world.db);
  const config = { mongodbDb: world.database.name, auditKeys: [SAMPLE_KEY], reportThreads: 2 };
  pool = await createReportPool({
    mongodbUri: world.database.uri,
    config: { ...config, reportQueueLimit: 20 },
  });
  releases.push(() => pool.close());
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

async function store(size: number, close = true): Promise<Session> {
  const { sessionId } = await storeLog(world.db, size, signal, { ...account, close });
  const session = await createSessionRepository(world.db).find(account.accountId, sessionId);
  assert.ok(session);
  return session;
}

/** Changes stored fields of the session's row, as nobody of ours would. */
async function damage({ id }: Session, fields: object): Promise<void> {
  await world.db.collection<{ _id: string }>(SESSIONS).updateOne({ _id: id }, { $set: fields });
}

function writer() {
  const { db, reader } = world;
  const sessions = createSessionRepository(db);
  return { audit: createSegmentRepository(db), sessions, keyring: createKeyring([SAMPLE_KEY]), reader };
}

async function append({ accountId, id }: Session, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => draftEvent(i));
  await appendEvents(writer(), accountId, id, events);
}

async function recordIn({ accountId, id: sessionId }: Session, made: MadeReport): Promise<void> {
  const asked = { userId: newId('user'), scope: 'session', sessionId } as const;
  const entry = {
    ...made,
    ...asked,
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json',
    statement: null,
  } as const;
  await createReportLedger(world.db).record(accountId, entry);
}

function orderOf({ accountId, id }: Session): ReportOrder {
  return { accountId, sessionId: id, baaChainText: null, format: 'json', issuedTo: ASKER };
}

function report(session: Session): Promise<ReportOutcome> {
  return pool.report(orderOf(session), { signal });
}

async function walk(session: Session) {
  return (await verifyStored(pool, session)).verdict;
}

describe('a report', () => {
  for (const size of [0, 3, RANGE_SIZE - 1, RANGE_SIZE, RANGE_SIZE + 1]) {
    it(`a report on ${size} entries states the root of a walk`, async () => {
      const session = await store(size);
      const [verdict, outcome] = [await walk(session), await report(session)];
      assert.ok(verdict.status === 'verified' && outcome.kind === 'made');
      const { rootHex, json } = outcome.report;
      assert.deepEqual([rootHex, outcome.report.size], [verdict.rootHex, size]);
      const { report: stated } = JSON.parse(Buffer.from(json).toString());
      assert.deepEqual([stated.merkle_root_hex, stated.events_total], [rootHex, size]);
      assert.equal(stated.id, outcome.report.id);
      assert.equal(stated.account.name, 'Benchmark clinic');
    });
  }

  it("a report covers entries beyond the row's head, into another range too", async () => {
    const session = await store(RANGE_SIZE - 100, false);
    await append(session, 200);
    await damage(session, { 'log.size': session.log.size, 'log.head_hash': session.log.headHashHex });
    const outcome = await report(session);
    assert.ok(outcome.kind === 'made');
    assert.equal(outcome.report.size, RANGE_SIZE + 100);
  });

  it('a report is made at any moment of a log that is appended to, reported on and closed meanwhile', async () => {
    const session = await store(0, false);
    const { accountId, id } = session;
    let open = true;
    let size = 0;
    const reportOn = async () => {
      while (open) {
        const reported = size;
        const outcome = await report(session);
        assert.ok(outcome.kind === 'made', JSON.stringify(outcome));
        assert.ok(outcome.report.size >= reported);
        size = Math.max(size, outcome.report.size);
        await recordIn(session, outcome.report);
      }
    };
    const write = async () => {
      try {
        for (let i = 0; i < 60; i += 1) await append(session, 7);
        await closeLog(writer(), accountId, id, { endedAt: new Date(), status: 'ok' });
      } finally {
        open = false;
      }
    };
    await Promise.all([write(), reportOn(), reportOn()]);
    const last = await report(session);
    assert.ok(last.kind === 'made');
    assert.deepEqual([last.report.size, last.report.until === null], [420, false]);
  });

  it('a report is refused, and the reason named, where the policy is not stored', async () => {
    const [sealed, open] = [await store(3), await store(3, false)];
    const policySha256Hex = '0'.repeat(64);
    const key = createAuditKey(SAMPLE_KEY);
    for (const session of [sealed, open]) {
      const opening = openingMarkOf(key.openingKey, { ...session, policySha256Hex });
      await damage(session, { policy_sha256: policySha256Hex, 'log.opening': opening });
    }
    // The seal covers the policy: with another one the log is wrong. The version that an unsealed row names contradicts it.
    assert.equal((await report(sealed)).kind, 'not_verified');
    const contradicted = await report(open);
    assert.ok(contradicted.kind === 'not_verified');
    assert.deepEqual(contradicted.verdict, damagedRow('policy_sha256'));
    await damage(open, { policy_version: 99 });
    const outcome = await report(open);
    assert.ok(outcome.kind === 'refused');
    assert.match(outcome.problem, /^The policy in force during the session is not stored/);
  });

  it("a report gives the ledger its session's start and end", async () => {
    for (const session of [await store(3), await store(3, false)]) {
      const outcome = await report(session);
      assert.ok(outcome.kind === 'made');
      assert.deepEqual([outcome.report.since, outcome.report.until], [session.startedAt, session.endedAt]);
    }
  });

  it('a report is checked against the root that the last report stated', async () => {
    const session = await store(300);
    const made = await report(session);
    assert.ok(made.kind === 'made');
    await recordIn(session, { ...made.report, size: 100, rootHex: '0'.repeat(64) });
    const outcome = await report(session);
    assert.ok(outcome.kind === 'not_verified');
    assert.equal(verdictName(outcome.verdict), 'root_mismatch');
  });
});

describe('the first task of a report', () => {
  it('the first task answers alone on a log of one range, whatever its verdict, and begins every other', async () => {
    const { db } = world;
    const deps = { ...createVerifyDeps(db, [SAMPLE_KEY]), gather: createFactGatherer(db) };
    const begin = async (session: Session) => {
      const outcome = await beginReport(deps, {
        order: orderOf(session),
        known: null,
        stop: createStopFlag(),
      });
      if (outcome.kind !== 'no_session') assert.equal(outcome.found.session.id, session.id);
      return outcome.kind;
    };
    assert.equal(await begin(await store(300)), 'made');
    assert.equal(await begin(await store(RANGE_SIZE - 1)), 'made');
    assert.equal(await begin(await store(RANGE_SIZE, false)), 'begun');
    for (const fields of [{ 'log.key_id': 'k_other' }, { 'log.size': 301 }, { ended_at: new Date(0) }]) {
      const session = await store(300);
      await damage(session, fields);
      assert.equal(await begin(session), 'not_verified', JSON.stringify(fields));
    }
  });
});

describe('no report', () => {
  it('no report is made on a failed log, whose fault is named as a walk names it', async () => {
    const session = await store(300);
    await editSegment(world.db, session, 1, (texts) =>
      texts.with(7, (texts[7] as string).replace('"NAME"', '"PHONE"')),
    );
    const outcome = await report(session);
    assert.ok(outcome.kind === 'not_verified');
    assert.deepEqual(outcome.verdict, await walk(session));
    assert.equal(verdictName(outcome.verdict), 'altered');
  });

  it('no report is made on a row that none of our writers made', async () => {
    const damaged: object[] = [
      ...['3', null, Number.NaN, -1, {}].map((size) => ({ 'log.size': size })),
      ...[null, 7].map((head_hash) => ({ 'log.head_hash': head_hash })),
      { 'log.key_id': 7 },
      { log: null },
      { started_at: 'now' },
      { agent_id: newId('agent') },
    ];
    for (const fields of damaged) {
      const session = await store(3);
      await damage(session, fields);
      const outcome = await report(session);
      assert.ok(outcome.kind === 'not_verified', JSON.stringify(fields));
      assert.notEqual(outcome.verdict.status, 'verified', JSON.stringify(fields));
    }
  });

  it('no report is made on a log whose key is not configured', async () => {
    const session = await store(3);
    await damage(session, { 'log.key_id': 'k_other' });
    const outcome = await report(session);
    assert.ok(outcome.kind === 'not_verified');
    assert.equal(outcome.verdict.status, 'unverifiable');
  });

  it("no report is made on another account's session, or one that is still imported", async () => {
    const session = await store(3);
    const unknown = [
      { ...session, id: newId('session') },
      { ...session, accountId: newId('account') },
    ];
    for (const other of unknown) assert.equal((await report(other)).kind, 'no_session');
    await damage(session, { importing: true });
    assert.equal((await report(session)).kind, 'no_session');
  });
});
