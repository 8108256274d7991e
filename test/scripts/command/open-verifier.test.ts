import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openVerifier } from '../../../scripts/command/open-verifier.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { SEGMENTS, segmentId } from '../../../shared/log-store/segment.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createReportPool, type ReportPool } from '../../../workers/reports/pool.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';

let world: LogWorld;
let place: Parameters<typeof openVerifier>[0];
let pool: ReportPool;
const releases: (() => Promise<void>)[] = [];
const { signal } = new AbortController();

/** Threads that this process has started. */
let started = 0;
const count = () => {
  started += 1;
};

before(async () => {
  process.on('worker', count);
  world = await createLogWorld({ after: (release) => releases.push(release) });
  const { uri: mongodbUri, name: mongodbDb } = world.database;
  const config = { mongodbDb, auditKeys: [TEST_KEY], reportThreads: 1, reportQueueLimit: 400 };
  place = { db: world.db, mongodbUri, config };
  pool = await createReportPool({ mongodbUri, config });
  releases.push(() => pool.close());
});
after(async () => {
  for (const release of releases.reverse()) await release();
  process.off('worker', count);
});

const refOf = ({ accountId, id }: Session) => ({ accountId, sessionId: id });

describe('openVerifier', () => {
  it('walks a few short logs without a thread, and finds what the threads find', async () => {
    const [whole, open, cut] = [
      await writeSession(world, 300),
      await writeSession(world, 5, { seal: false }),
      await writeSession(world, 300),
    ];
    await world.db
      .collection<{ _id: string }>(SEGMENTS)
      .deleteOne({ _id: segmentId(cut.accountId, cut.id, 1) });
    const before = started;
    await using logs = openVerifier(place);
    for (const session of [whole, open, cut]) {
      const found = await logs.verifySession(refOf(session), { signal });
      assert.deepEqual(found, await pool.verifySession(refOf(session), { signal }));
      assert.equal(found?.verdict.status, session === cut ? 'failed' : 'verified');
    }
    const until = await logs.verifySession(refOf(whole), { signal, until: 100, listed: 7 });
    assert.deepEqual(until, await pool.verifySession(refOf(whole), { signal, until: 100, listed: 7 }));
    const unknown = { accountId: whole.accountId, sessionId: newId('session') };
    assert.equal(await logs.verifySession(unknown, { signal }), null);
    assert.equal(started, before);
  });

  it('walks a log of more than one range on threads', async () => {
    const long = await writeSession(world, 9_000);
    const before = started;
    await using logs = openVerifier(place);
    const found = await logs.verifySession(refOf(long), { signal, listed: 0 });
    assert.deepEqual(found, await pool.verifySession(refOf(long), { signal, listed: 0 }));
    assert.equal(started, before + 1);
  });

  it('walks very many short logs on threads', async () => {
    const { accountId } = await writeSession(world, 1);
    const sessions: Session[] = [];
    while (sessions.length < 260) sessions.push(await writeSession(world, 1, { accountId }));
    const before = started;
    await using logs = openVerifier(place);
    const found = await Promise.all(
      sessions.map((session) => logs.verifySession(refOf(session), { signal })),
    );
    assert.ok(found.every((evidence) => evidence?.verdict.status === 'verified'));
    assert.equal(started, before + 1);
  });

  it('walks nothing once its caller has stopped', async () => {
    const session = await writeSession(world, 1);
    await using logs = openVerifier(place);
    const reason = new Error('stopped');
    await assert.rejects(
      logs.verifySession(refOf(session), { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });
});
