import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { SEGMENTS } from '../../../shared/log-store/segment.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createReportPool, type ReportPool } from '../../../workers/reports/pool.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { watchForLeaks } from '../../support/leaks.ts';
import { ASKER } from '../../support/report-facts.ts';
import type { SegmentRow } from '../../support/segments.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { verifyAs, verifyStored } from '../../support/verify.ts';

const THREADS = 2;
const LIMIT = 20;

let world: LogWorld;
let pool: ReportPool;
/** Walked in four ranges. */
let large: Session;
let small: Session;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  world = await createLogWorld({ after: (release) => releases.push(release) });
  pool = await openPool();
  releases.push(() => pool.close());
  large = await writeSession(world, 25_000);
  small = await writeSession(world, 3);
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

function openPool(limit = LIMIT, mongodbUri = world.database.uri): Promise<ReportPool> {
  const config = { mongodbDb: world.database.name, auditKeys: [TEST_KEY], reportThreads: THREADS };
  return createReportPool({ mongodbUri, config: { ...config, reportQueueLimit: limit } });
}

async function walk(session: Session, signal = new AbortController().signal, using = pool) {
  return (await verifyStored(using, session, { signal })).verdict;
}

/** A caller hears of its abort while its last tasks are still ending. */
function untilIdle(): Promise<void> {
  return eventually('no thread has anything to do', () => pool.stats().running === 0);
}

const failsWith = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe('a full pool', () => {
  it('a full pool refuses callers at once, with a time to try again', async () => {
    const other = await writeSession(world, 25_000);
    const walks = Array.from({ length: LIMIT }, (_, i) => walk(i % 2 === 0 ? large : other));
    const outcome = await walk(large).then(
      () => null,
      (error: AppError) => error,
    );
    assert.ok(outcome && failsWith('overloaded')(outcome));
    assert.ok((outcome.retryAfterS ?? 0) > 0);
    assert.equal(pool.stats().waiting, LIMIT);
    await Promise.all(walks);
    assert.deepEqual(pool.stats(), { threads: THREADS, running: 0, waiting: 0 });
  });

  it('a pool gives one account at most half of its places', async () => {
    const walks = Array.from({ length: LIMIT / 2 }, () => walk(large));
    await assert.rejects(walk(large), failsWith('overloaded'));
    assert.equal(verdictName(await walk(small)), 'verified');
    await Promise.all(walks);
  });
});

describe('a fair pool', () => {
  it('a small report is answered before the ten large ones that wait ahead of it', async () => {
    const ended: string[] = [];
    const larges = Array.from({ length: 10 }, () => walk(large).then(() => ended.push('large')));
    await walk(small).then(() => ended.push('small'));
    await Promise.all(larges);
    assert.equal(ended[0], 'small');
  });
});

describe('an aborted walk', () => {
  const reason = new Error('the caller hung up');

  it("an aborted walk rejects with the signal's reason, waiting or running, and frees its place", async () => {
    const controllers = Array.from({ length: 8 }, () => new AbortController());
    const walks = controllers.map(({ signal }) => assert.rejects(walk(large, signal), reason));
    await eventually('every thread walks', () => pool.stats().running === THREADS, { everyMs: 1 });
    for (const controller of controllers) controller.abort(reason);
    await Promise.all(walks);
    await untilIdle();
    assert.deepEqual(pool.stats(), { threads: THREADS, running: 0, waiting: 0 });
    assert.equal(verdictName(await walk(large)), 'verified');
  });

  it('a walk whose signal has aborted before does not begin', async () => {
    await assert.rejects(walk(small, AbortSignal.abort(reason)), reason);
    assert.equal(pool.stats().waiting, 0);
  });

  it('an aborted walk leaves other walks alone', async () => {
    for (let round = 0; round < 8; round += 1) {
      const controller = new AbortController();
      const aborted = walk(large, controller.signal).catch((error: unknown) => error);
      const others = [walk(large), walk(small)];
      setTimeout(() => controller.abort(reason), round * 5);
      assert.ok(
        [reason, undefined].includes((await aborted) as Error | undefined) ||
          'status' in ((await aborted) as object),
      );
      for (const other of others) assert.equal(verdictName(await other), 'verified');
    }
    assert.equal(pool.stats().waiting, 0);
  });
});

describe('a report whose order cannot be handed to a thread', () => {
  it('a report whose order cannot be handed to a thread fails alone', async () => {
    const { accountId, id: sessionId } = small;
    const order = {
      accountId,
      sessionId,
      baaChainText: (() => {}) as unknown as string,
      format: 'json' as const,
      issuedTo: ASKER,
    };
    const report = pool.report(order, { signal: new AbortController().signal });
    await assert.rejects(report, failsWith('report_generation_failed'));
    assert.equal(verdictName(await walk(small)), 'verified');
    assert.equal(pool.stats().waiting, 0);
  });
});

describe('a pool whose database is away', () => {
  it('a pool whose database is away rejects walks, reports and streams as unavailable, and frees their places', async (t) => {
    const { hostname, port } = new URL(world.database.uri);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    t.after(() => proxy.close());
    const remote = await openPool(LIMIT, `mongodb://127.0.0.1:${proxy.port}`);
    t.after(() => remote.close());
    const { signal } = new AbortController();
    assert.equal(verdictName(await walk(small, signal, remote)), 'verified');
    await proxy.close();
    const log = { accountId: small.accountId, sessionId: small.id };
    const order = {
      accountId: small.accountId,
      sessionId: small.id,
      baaChainText: null,
      format: 'json',
      issuedTo: ASKER,
    } as const;
    await Promise.all([
      assert.rejects(walk(large, signal, remote), failsWith('unavailable')),
      assert.rejects(walk(small, signal, remote), failsWith('unavailable')),
      assert.rejects(remote.report(order, { signal }), failsWith('unavailable')),
      assert.rejects(remote.openPage(log, { signal, withPayloads: false }), failsWith('unavailable')),
    ]);
    assert.equal(remote.stats().waiting, 0);
  });
});

describe('a closed pool', () => {
  it('a closed pool ends running tasks, drops waiting ones, takes no more, and leaves nothing open', async () => {
    const expectNoLeaks = watchForLeaks();
    const closing = await openPool();
    assert.equal(verdictName(await walk(small, undefined, closing)), 'verified');
    const walks = Array.from({ length: 6 }, () => walk(large, undefined, closing));
    const outcomes = Promise.allSettled(walks);
    await closing.close();
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === 'rejected');
      assert.ok(['unavailable', 'report_generation_failed'].includes((outcome.reason as AppError).code));
    }
    await assert.rejects(walk(small, undefined, closing), failsWith('unavailable'));
    assert.equal(closing.stats().waiting, 0);
    await closing.close();
    await expectNoLeaks();
  });
});

describe('damage of every kind', () => {
  const update = (session: Session, index: number, change: object) =>
    world.db
      .collection<SegmentRow>(SEGMENTS)
      .updateOne(
        { _id: `${session.accountId}/${session.id}/${index}` },
        { $set: change, $unset: { packed: '' } },
      );

  it('any damage in a segment has a named fault', async () => {
    const damages: [fields: object, fault: string][] = [
      [{ entries: null }, 'truncated'],
      [{ entries: 'abc' }, 'truncated'],
      [{ entries: {} }, 'truncated'],
      [{ entries: [null] }, 'malformed'],
      [{ entries: [7] }, 'malformed'],
      [{ entries: [[]] }, 'malformed'],
      [{ entries: [Buffer.from('{}')] }, 'malformed'],
      [{ entries: Array.from({ length: 300 }, () => '') }, 'malformed'],
      [{ entries: ['x'.repeat(1_000_000)] }, 'malformed'],
      [{ entries: ['['.repeat(32_000)] }, 'malformed'],
    ];
    for (const [fields, fault] of damages) {
      const session = await writeSession(world, 3);
      await update(session, 0, fields);
      assert.equal(verdictName(await walk(session)), fault, JSON.stringify(fields).slice(0, 60));
    }
  });

  it('any damage in a row has a named fault, and takes no longer than the log', async () => {
    const session = await writeSession(world, 300, { seal: false });
    const sizes = [
      -1,
      -300,
      299.5,
      1e15,
      2 ** 53,
      1e300,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '300',
      null,
      undefined,
      {},
      [300],
    ];
    const { log } = session;
    const damaged: object[] = [
      ...sizes.map((size) => ({ log: { ...log, size } })),
      ...[null, '', 7, 'ab'].map((headHashHex) => ({ log: { ...log, headHashHex } })),
      ...[undefined, 7, {}, []].map((seal) => ({ log: { ...log, seal } })),
      ...['', 'x', 'é'.repeat(64), '0'.repeat(64)].map((seal) => ({ log: { ...log, seal } })),
      ...[null, 7, undefined].map((keyId) => ({ log: { ...log, keyId } })),
      ...['now', new Date(Number.NaN), null].map((startedAt) => ({ startedAt })),
      ...['now', new Date(Number.NaN), 7].map((endedAt) => ({ endedAt })),
      ...['x', 7, 'ab'.repeat(32)].map((merkleRootHex) => ({ merkleRootHex })),
      ...[-1, 1e15, Number.NaN, '3', 1.5].map((merkleRootSize) => ({
        merkleRootSize,
        merkleRootHex: 'ab'.repeat(32),
      })),
      ...[null, 'agt_1', `${session.agentId}","x":"`, newId('agent')].map((agentId) => ({ agentId })),
    ];
    for (const fields of damaged) {
      const verdict = await verifyAs(world, { ...session, ...fields } as Session);
      assert.equal(verdict.status, 'failed', JSON.stringify(fields));
    }
    for (const reportedAnchor of [
      ...sizes.map((size) => ({ size, rootHex: 'ab'.repeat(32) })),
      ...[null, 7, ''].map((rootHex) => ({ size: 3, rootHex })),
    ]) {
      const verdict = await verifyAs(world, session, reportedAnchor as { size: number; rootHex: string });
      assert.equal(verdict.status, 'failed', JSON.stringify(reportedAnchor));
    }
  });

  it('a stray segment is named a duplicate or ignored', async () => {
    const session = await writeSession(world, 600, { seal: false });
    const segments = world.db.collection<SegmentRow>(SEGMENTS);
    const idOf = (index: string) => `${session.accountId}/${session.id}/${index}`;
    const last = (await segments.findOne({ _id: idOf('2') })) as SegmentRow;
    for (const stray of ['3', '4', '99999999999']) {
      await segments.insertOne({ ...last, _id: idOf(stray) });
      // A stray segment far beyond the end belongs to no log that a reader would build on.
      const name = verdictName(await walk(session));
      assert.ok(['duplicate', 'verified'].includes(name), `${stray}: ${name}`);
      await segments.deleteOne({ _id: idOf(stray) });
    }
    for (const stray of ['-1', '1e3', '03', 'x', '', '2/3', '999999999999999999999']) {
      await segments.insertOne({ ...last, _id: idOf(stray) });
      assert.equal(verdictName(await walk(session)), 'verified', stray);
    }
  });
});
