import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type BenchAccount, createBenchAccount } from '../../../scripts/bench/bench-account.ts';
import { draftEvent, SAMPLE_KEY } from '../../../scripts/bench/sample-log.ts';
import { storeLog } from '../../../scripts/bench/stored-log.ts';
import { appendEvents } from '../../../shared/audit/append.ts';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { createAuditRepository } from '../../../shared/audit/audit-repository.ts';
import { SEGMENTS, segmentId } from '../../../shared/audit/segment.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import { newId } from '../../../shared/ids.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createSessionRepository } from '../../../shared/sessions/session-repository.ts';
import { createFactGatherer } from '../../../workers/reports/gather-facts.ts';
import { createReportPool, type ReportOutcome, type ReportPool } from '../../../workers/reports/pool.ts';
import { RANGE_SIZE } from '../../../workers/reports/ranges.ts';
import { makeShortReport } from '../../../workers/reports/report-tasks.ts';
import { createLogWorld, type LogWorld, type SegmentRow } from '../../support/audit-world.ts';

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

function report(session: Session): Promise<ReportOutcome> {
  return pool.report({ session, baaChainText: null }, { signal, lastReported: null });
}

function walk(session: Session) {
  return pool.walk(session, { signal, lastReported: null });
}

describe('a report', () => {
  for (const size of [0, 3, RANGE_SIZE - 1, RANGE_SIZE, RANGE_SIZE + 1]) {
    it(`states what a walk finds, of ${size} entries`, async () => {
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

  it('covers what was appended after its session was read, be it into another range', async () => {
    const session = await store(RANGE_SIZE - 100, false);
    const { db } = world;
    const writer = {
      audit: createAuditRepository(db),
      sessions: createSessionRepository(db),
      keyring: createKeyring([SAMPLE_KEY]),
    };
    const events = Array.from({ length: 200 }, (_, i) => draftEvent(i));
    await appendEvents(writer, account.accountId, session.id, events);
    const outcome = await report(session);
    assert.ok(outcome.kind === 'made');
    assert.equal(outcome.report.size, RANGE_SIZE + 100);
  });

  it('is refused, and says why, where the policy is not stored', async () => {
    const outcome = await report({ ...(await store(3)), policySha256: '0'.repeat(64) });
    // The seal covers the policy: with another one the log is wrong, and only an unsealed log gets as far as this.
    assert.equal(outcome.kind, 'not_verified');
    const open = await report({ ...(await store(3, false)), policySha256: '0'.repeat(64) });
    assert.ok(open.kind === 'refused');
    assert.match(open.problem, /^The policy in force during the session is not stored/);
  });
});

describe('a task for a short report', () => {
  it('makes the report of a log that one range holds, and leaves every other to a walk', async () => {
    const { db, reader } = world;
    const deps = { reader, keyring: createKeyring([SAMPLE_KEY]), gather: createFactGatherer(db) };
    const make = (session: Session) =>
      makeShortReport(deps, {
        order: { session, baaChainText: null },
        lastReported: null,
        stop: new Int32Array(new SharedArrayBuffer(4)),
      });
    const session = await store(300);
    assert.equal((await make(session))?.kind, 'made');
    assert.equal(await make({ ...session, log: { ...session.log, keyId: 'k_other' } }), null);
    assert.equal(await make({ ...session, log: { ...session.log, size: 301 } }), null);
    assert.equal(await make({ ...session, endedAt: new Date(0) }), null);
    assert.equal(await make({ ...(await store(RANGE_SIZE, false)), log: session.log }), null);
  });
});

describe('no report', () => {
  it('is made on a log that is wrong, whose fault it names as a walk does', async () => {
    const session = await store(300);
    const segments = world.db.collection<SegmentRow>(SEGMENTS);
    const _id = segmentId(session.accountId, session.id, 1);
    const row = (await segments.findOne({ _id })) as SegmentRow;
    const altered = (row.entries[7] as string).replace('"NAME"', '"PHONE"');
    const entries = row.entries.with(7, altered);
    await segments.updateOne({ _id }, { $set: { entries } });
    const outcome = await report(session);
    assert.ok(outcome.kind === 'not_verified');
    assert.deepEqual(outcome.verdict, await walk(session));
    assert.equal(verdictName(outcome.verdict), 'altered');
  });

  it('is made on a row that nobody of ours has written', async () => {
    const session = await store(3);
    const { log } = session;
    const damaged: object[] = [
      ...['3', null, Number.NaN, -1, {}].map((size) => ({ log: { ...log, size } })),
      ...[null, 7].map((headHash) => ({ log: { ...log, headHash } })),
      { log: { ...log, keyId: 7 } },
      { startedAt: 'now' },
      { agentId: newId('agent') },
    ];
    for (const fields of damaged) {
      const outcome = await report({ ...session, ...fields } as Session);
      assert.ok(outcome.kind === 'not_verified', JSON.stringify(fields));
      assert.equal(outcome.verdict.status, 'wrong', JSON.stringify(fields));
    }
  });

  it('is made on a log whose key is not configured', async () => {
    const session = await store(3);
    const outcome = await report({ ...session, log: { ...session.log, keyId: 'k_other' } });
    assert.ok(outcome.kind === 'not_verified');
    assert.equal(outcome.verdict.status, 'unchecked');
  });
});
