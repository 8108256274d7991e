import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createKeyring, type Keyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { isEndMarked } from '../../../shared/audit/opening.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import {
  countUnmarked,
  listUnmarked,
  logUnmarked,
  markUnmarked,
} from '../../../shared/sessions/mark-openings.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { StoredSession } from '../../../shared/sessions/session-row.ts';
import { createVerifyDeps, verifyHere } from '../../../workers/logs/verify-session.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { draftsWithIds } from '../../support/draft-events.ts';

/** A database as an earlier release left it: no row has a mark. */
async function openOld(t: TestContext, sizes: readonly number[]) {
  const world = await createLogWorld(t);
  const rows = world.db.collection<StoredSession>('sessions');
  const open = [];
  for (const size of sizes) open.push(await writeSession(world, size, { seal: false }));
  const sealed = await writeSession(world, 5);
  const openings = open.map(({ log }) => log.opening);
  await rows.updateMany({}, { $unset: { 'log.opening': '' } });
  return { world, rows, open, sealed, openings };
}

type World = Awaited<ReturnType<typeof openOld>>['world'];

/** Marks what may be marked, and gives how many these were. */
async function markAll({ db }: World, keyring: Keyring, accountId: string | null = null): Promise<number> {
  let marked = 0;
  for await (const { session, problem } of listUnmarked(db, keyring, accountId)) {
    if (problem === null && (await markUnmarked(db, keyring, session))) marked += 1;
  }
  return marked;
}

describe('sessions of a release without opening marks', () => {
  it('are marked once, whoever marks them at the same time, and go on', async (t) => {
    const { world, rows, open, sealed, openings } = await openOld(t, [0, 5, 300]);
    const ended = open[0]!;
    await rows.updateOne({ _id: ended.id }, { $set: { ended_at: new Date() } });
    const before = await rows.findOne({ _id: sealed.id });
    const counts = await Promise.all([1, 2, 3].map(() => markAll(world, world.keyring)));
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      3,
    );
    assert.equal(await markAll(world, world.keyring), 0);
    assert.deepEqual(await rows.findOne({ _id: sealed.id }), before);
    for (const [i, { accountId, id }] of open.entries()) {
      const row = await rows.findOne({ _id: id });
      // Of one that has ended, the mark is over its end, too: the account log takes it up by that.
      const session = (await world.sessions.find(accountId, id)) as Session;
      const { openingKey } = world.keyring.named(TEST_KEY.id)!;
      if (id === ended.id) assert.ok(isEndMarked(openingKey, session));
      else assert.equal(row?.log.opening, openings[i]);
      const order = { accountId, sessionId: id, anchors: [], until: null, listed: 0 };
      const evidence = await verifyHere(createVerifyDeps(world.db, [TEST_KEY]), order);
      assert.equal(evidence?.verdict.status, 'verified');
      const appended = await appendEvents(world, accountId, id, draftsWithIds(1));
      assert.equal(appended.status, 'appended');
      const closed = await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      assert.equal(closed.status, 'sealed');
    }
  });

  it('stay as they are where their key is not configured, or their row is damaged', async (t) => {
    const { world, rows, open } = await openOld(t, [1, 2]);
    const before = await rows.find().sort({ _id: 1 }).toArray();
    for (const key of [
      { ...TEST_KEY, id: 'k_new' },
      { ...TEST_KEY, bytes: new Uint8Array(32).fill(8) },
    ]) {
      assert.equal(await markAll(world, createKeyring([key])), 0);
    }
    assert.deepEqual(await rows.find().sort({ _id: 1 }).toArray(), before);
    await rows.updateOne({ _id: open[0]!.id }, { $set: { started_at: 'x' as never } });
    assert.equal(await countUnmarked(world.db), 2);
    assert.equal(await markAll(world, world.keyring, newId('account')), 0);
    const found = await Array.fromAsync(listUnmarked(world.db, world.keyring, open[0]!.accountId));
    assert.deepEqual(
      found.map(({ problem }) => problem),
      [{ damaged: 'started_at' }],
    );
    assert.equal(await markAll(world, world.keyring), 1);
    assert.equal(await countUnmarked(world.db), 1);
    assert.ok(!('opening' in (await rows.findOne({ _id: open[0]!.id }))!.log));
  });

  it('keep a mark that they have, and whatever stands in its place', async (t) => {
    const { world, rows, open } = await openOld(t, [1, 2]);
    const odd = ['ab'.repeat(32), null];
    for (const [i, { id }] of open.entries()) {
      await rows.updateOne({ _id: id }, { $set: { 'log.opening': odd[i] as never } });
    }
    assert.equal(await markAll(world, world.keyring), 0);
  });

  it('are not marked while an import stores them, nor by what was read of a row that was changed since', async (t) => {
    const { world, rows, open } = await openOld(t, [1, 2]);
    await rows.updateOne({ _id: open[0]!.id }, { $set: { importing: true } });
    const [found, ...others] = await Array.fromAsync(listUnmarked(world.db, world.keyring, null));
    assert.deepEqual([found?.session.id, others.length], [open[1]!.id, 0]);
    await rows.updateOne({ _id: open[1]!.id }, { $set: { started_at: new Date(0) } });
    assert.equal(await markUnmarked(world.db, world.keyring, found!.session), false);
    assert.equal(await countUnmarked(world.db), 1);
  });
});

describe('the line of the start', () => {
  it('says how many sessions have no mark, and nothing of none', () => {
    const lines: unknown[][] = [];
    const log = { warn: (...line: unknown[]) => void lines.push(line) } as never;
    logUnmarked(0, log);
    logUnmarked(3, log);
    assert.equal(lines.length, 1);
    assert.deepEqual(lines[0]?.[0], { sessions: 3 });
    assert.match(String(lines[0]?.[1]), /have no opening mark.*backfill -- --openings.*took marks off/);
  });
});
