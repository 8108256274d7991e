// What the jobs derive from one session, without a queue: counts and roots, against the log read naively.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { createRecordOutcome } from '../../../shared/sessions/record-outcome.ts';
import type { Session, SessionSnapshot } from '../../../shared/sessions/session.ts';
import { countSession, recountSession } from '../../../workers/jobs/aggregate-session.ts';
import type { DeriveDeps } from '../../../workers/jobs/job.ts';
import { storeRoot } from '../../../workers/jobs/store-root.ts';
import { createReportPool } from '../../../workers/reports/pool.ts';
import {
  createLogWorld,
  draftEvent,
  type LogWorld,
  TEST_KEY,
  writeSession,
} from '../../support/audit-world.ts';
import { alterEntry, readNaively, rowsOf, writeEnded } from '../../support/pipeline-world.ts';

let world: LogWorld;
let deps: DeriveDeps;
let failures = 0;
const releases: (() => Promise<void>)[] = [];
const { signal } = new AbortController();

before(async () => {
  world = await createLogWorld({ after: (release) => releases.push(release) });
  const config = { mongodbDb: world.database.name, auditKeys: [TEST_KEY] };
  const pool = await createReportPool({
    mongodbUri: world.database.uri,
    config: { ...config, reportThreads: 1, reportQueueLimit: 16 },
  });
  releases.push(() => pool.close());
  const { sessions } = world;
  const countFailed = () => {
    failures += 1;
  };
  const log = { error() {}, info() {} };
  deps = { sessions, pool, recordOutcome: createRecordOutcome({ sessions, log, countFailed }) };
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const refOf = ({ accountId, id }: Session) => ({ accountId, sessionId: id });
const find = async ({ accountId, id }: Session) =>
  (await world.sessions.findSnapshot(accountId, id)) as SessionSnapshot;
const rowOf = ({ id }: Session) => rowsOf(world).findOne({ _id: id });

/** Puts the row's counts and head back to where the log had `size` entries. */
async function putBack(session: Session, size: number, from: Session): Promise<void> {
  const { aggregate, log } = (await rowOf(from))!;
  assert.equal(log.size, size);
  await rowsOf(world).updateOne({ _id: session.id }, { $set: { aggregate, log } });
}

describe('counting a session', () => {
  it('counting a session adds the entries appended since, and says that the counts are current', async () => {
    const session = await writeSession(world, 100, { seal: false });
    const before = (await rowOf(session))!;
    const events = Array.from({ length: 300 }, (_, i) => draftEvent(i));
    await appendEvents(world, session.accountId, session.id, events);
    await rowsOf(world).updateOne(
      { _id: session.id },
      { $set: { aggregate: before.aggregate, log: before.log } },
    );
    const outcome = await countSession(deps, refOf(session), signal);
    assert.equal(outcome.kind, 'current');
    assert.deepEqual((await rowOf(session))?.aggregate, (await readNaively(world, session)).aggregate);
  });

  it('counting a session reads the whole log where counts and head do not agree', async () => {
    const session = await writeSession(world, 300);
    const other = await writeSession(world, 7);
    await rowsOf(world).updateOne(
      { _id: session.id },
      { $set: { aggregate: (await rowOf(other))!.aggregate } },
    );
    assert.equal((await countSession(deps, refOf(session), signal)).kind, 'current');
    assert.deepEqual((await rowOf(session))?.aggregate, (await readNaively(world, session)).aggregate);
  });

  it('counting a session leaves the counts of a failed log, and marks it', async () => {
    const session = await writeSession(world, 300, { seal: false });
    await putBack(session, 10, await writeSession(world, 10, { seal: false }));
    const before = (await rowOf(session))!.aggregate;
    failures = 0;
    assert.equal((await countSession(deps, refOf(session), signal)).kind, 'not_counted');
    assert.deepEqual((await rowOf(session))?.aggregate, before);
    assert.equal((await find(session)).marks.failed?.fault, 'altered');
    assert.equal(failures, 1);
  });

  it('counting finds no session of another account', async () => {
    const session = await writeSession(world, 3);
    const ref = { accountId: newId('account'), sessionId: session.id };
    assert.equal((await countSession(deps, ref, signal)).kind, 'no_session');
  });

  it("counting that is aborted rejects with the signal's reason", async () => {
    const session = await writeSession(world, 3);
    const reason = new Error('the worker stops');
    await assert.rejects(countSession(deps, refOf(session), AbortSignal.abort(reason)), reason);
  });
});

describe('recounting a session', () => {
  it('recounting a session replaces counts that differ, and in a dry run only says so', async () => {
    const session = await writeSession(world, 40);
    const other = await writeSession(world, 7);
    const aggregate = { ...(await rowOf(other))!.aggregate, through_seq: 39 };
    await rowsOf(world).updateOne({ _id: session.id }, { $set: { aggregate } });
    const dry = await recountSession(deps, refOf(session), signal, { dryRun: true });
    assert.deepEqual([dry?.differs, dry?.written], [true, false]);
    assert.deepEqual((await rowOf(session))?.aggregate, aggregate);
    const wet = await recountSession(deps, refOf(session), signal);
    assert.deepEqual([wet?.differs, wet?.written], [true, true]);
    assert.deepEqual((await rowOf(session))?.aggregate, (await readNaively(world, session)).aggregate);
    const again = await recountSession(deps, refOf(session), signal);
    assert.deepEqual([again?.differs, again?.written], [false, false]);
  });

  it('recounting in a dry run marks nothing', async () => {
    const session = await writeSession(world, 40);
    await alterEntry(world, session, 7);
    const dry = await recountSession(deps, refOf(session), signal, { dryRun: true });
    assert.equal(dry?.verdict.status, 'failed');
    assert.deepEqual((await find(session)).marks, { failed: null, unverifiable: null });
  });
});

describe('storing a root', () => {
  it('the root of an ended log is stored once, with the counts of the same walk', async () => {
    for (const size of [0, 1, 257]) {
      const session = await writeEnded(world, size);
      const naive = await readNaively(world, session);
      const outcome = await storeRoot(deps, refOf(session), signal);
      assert.ok(outcome.kind === 'stored');
      assert.deepEqual([outcome.rootHex, outcome.size], [naive.rootHex, size]);
      const row = (await rowOf(session))!;
      assert.deepEqual([row.merkle_root_hex, row.merkle_root_size], [naive.rootHex, size]);
      assert.deepEqual([row.aggregate, row.stage], [naive.aggregate, 'counted']);
      assert.equal((await storeRoot(deps, refOf(session), signal)).kind, 'not_due');
    }
  });

  it('no root is stored for an open session', async () => {
    const session = await writeSession(world, 3, { seal: false });
    assert.equal((await storeRoot(deps, refOf(session), signal)).kind, 'not_due');
    assert.equal((await rowOf(session))?.merkle_root_hex, null);
  });

  it('no root is stored for a failed or unverifiable log, and the verdict is named', async () => {
    const failing = await writeEnded(world, 300);
    await alterEntry(world, failing, 290);
    const keyless = await writeEnded(world, 3);
    await rowsOf(world).updateOne({ _id: keyless.id }, { $set: { 'log.key_id': 'k_lost' } });
    for (const [session, status] of [
      [failing, 'failed'],
      [keyless, 'unverifiable'],
    ] as const) {
      const outcome = await storeRoot(deps, refOf(session), signal);
      assert.ok(outcome.kind === 'refused');
      assert.equal(outcome.verdict.status, status);
      assert.equal((await rowOf(session))?.merkle_root_hex, null);
    }
  });

  it('of many that store a root at once one does', async () => {
    const session = await writeEnded(world, 40);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => storeRoot(deps, refOf(session), signal)),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'stored').length, 1);
  });
});
