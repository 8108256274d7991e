import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runPack } from '../../scripts/pack-segments.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createLogWorld, draftEvent, type LogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { checkLog } from '../support/check-log.ts';
import { commandEnv, type Finished, runScript } from '../support/commands.ts';
import { alterEntry } from '../support/pipeline-world.ts';
import { runHere } from '../support/run-here.ts';
import { inForm, readTexts, type SegmentRow, segmentsOf, textsOf } from '../support/segments.ts';

const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

type World = LogWorld & Readonly<{ env: Record<string, string>; pack(...args: string[]): Promise<Finished> }>;

async function createWorld(t: TestContext): Promise<World> {
  const world = await createLogWorld(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'pack-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const env = commandEnv(world.database, dataDir, KEYS);
  return { ...world, env, pack: (...args) => runHere(runPack, args, env) };
}

function rowsOf({ db }: LogWorld, { accountId, id }: Session): Promise<SegmentRow[]> {
  return segmentsOf(db)
    .find({ _id: { $regex: `^${accountId}/${id}/` } })
    .sort({ _id: 1 })
    .toArray();
}

/** Stores a log as an earlier version did. */
async function unpack(world: LogWorld, session: Session): Promise<void> {
  for (const row of await rowsOf(world, session)) {
    const { packed: _, entries: __, ...rest } = row;
    await segmentsOf(world.db).replaceOne({ _id: row._id }, { ...rest, ...inForm(textsOf(row), 'entries') });
  }
}

async function formsOf(world: LogWorld, session: Session): Promise<string[]> {
  return (await rowsOf(world, session)).map(({ packed }) => (packed ? 'packed' : 'entries'));
}

async function storedByEarlier(world: LogWorld, size: number, seal = true): Promise<Session> {
  const session = await writeSession(world, size, { seal });
  await unpack(world, session);
  return session;
}

describe('npm run pack', () => {
  it('pack packs full and closed segments, leaves open and empty ones, and keeps every entry', async (t) => {
    const world = await createWorld(t);
    const expected: [Session, string[]][] = [
      [await storedByEarlier(world, 300), ['packed', 'packed']],
      [await storedByEarlier(world, 300, false), ['packed', 'entries']],
      [await storedByEarlier(world, 256), ['packed', 'entries']],
      [await storedByEarlier(world, 20, false), ['entries']],
      [await storedByEarlier(world, 0), ['entries']],
    ];
    const before = await Promise.all(expected.map(([session]) => readTexts(world.db, session)));
    const dry = await world.pack('--dry-run');
    assert.deepEqual(
      [dry.code, dry.stdout],
      [0, '3 would be packed, 2 packed already, 0 failed, 0 unverifiable\n'],
    );
    assert.deepEqual(await formsOf(world, expected[0]![0]), ['entries', 'entries']);
    const { code, stdout } = await world.pack();
    assert.deepEqual([code, stdout], [0, '3 packed, 2 packed already, 0 failed, 0 unverifiable\n']);
    for (const [i, [session, forms]] of expected.entries()) {
      assert.deepEqual(await formsOf(world, session), forms);
      assert.deepEqual(await readTexts(world.db, session), before[i]);
      assert.equal((await checkLog(world, session)).verdict.status, 'verified');
    }
    assert.match((await world.pack()).stdout, /^0 packed, 5 packed already/);
  });

  it('pack tells the bytes of each log, and takes one account where told', async (t) => {
    const world = await createWorld(t);
    const [one, other] = [await storedByEarlier(world, 600), await storedByEarlier(world, 600)];
    const { stdout } = await world.pack('--account', one.accountId, '--json');
    const [line = ''] = stdout.split('\n');
    const told = JSON.parse(line) as {
      session_id: string;
      segments: number;
      bytes_before: number;
      bytes_after: number;
    };
    assert.deepEqual([told.session_id, told.segments], [one.id, 3]);
    assert.ok(told.bytes_after < told.bytes_before / 4, line);
    assert.deepEqual(await formsOf(world, other), ['entries', 'entries', 'entries']);
  });

  it('pack names a log that failed or is unverifiable, and leaves it as it is', async (t) => {
    const world = await createWorld(t);
    const [failed, well] = [await storedByEarlier(world, 300), await storedByEarlier(world, 300)];
    await alterEntry(world, failed, 270);
    const { code, stdout } = await world.pack();
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${failed.id} FAILED: altered at seq 270$`, 'm'));
    assert.match(stdout, /^1 packed, 0 packed already, 1 failed, 0 unverifiable$/m);
    assert.deepEqual(await formsOf(world, failed), ['entries', 'entries']);
    await unpack(world, well);
    const keys = `k_other:${'ab'.repeat(32)}`;
    const without = await runScript('pack-segments.ts', [], { ...world.env, AUDIT_KEYS: keys });
    assert.equal(without.code, 1);
    assert.deepEqual(await formsOf(world, well), ['entries', 'entries']);
  });

  it('pack runs beside writers: nothing is lost, and nothing stands twice', async (t) => {
    const world = await createWorld(t);
    const sessions = await Promise.all(
      [200, 250, 500, 700].map((size) => storedByEarlier(world, size, false)),
    );
    const events = Array.from({ length: 40 }, (_, i) => draftEvent(i));
    const write = async ({ accountId, id }: Session) => {
      for (let i = 0; i < 10; i += 1) {
        const { status } = await appendEvents(world, accountId, id, events);
        assert.equal(status, 'appended');
      }
      const facts = { endedAt: new Date(), status: 'ok' } as const;
      assert.equal((await closeLog(world, accountId, id, facts)).status, 'sealed');
    };
    const [{ code, stdout }] = await Promise.all([world.pack(), ...sessions.map(write)]);
    assert.equal(code, 0, stdout);
    assert.equal((await world.pack()).code, 0);
    for (const [i, session] of sessions.entries()) {
      const { verdict } = await checkLog(world, session);
      assert.ok(verdict.status === 'verified' && verdict.state === 'sealed');
      assert.equal(verdict.size, [200, 250, 500, 700][i]! + 400);
      assert.ok((await formsOf(world, session)).every((form) => form === 'packed'));
    }
  });

  it('pack that is killed at any moment and run again gives the same result', async (t) => {
    const world = await createWorld(t);
    const sessions: Session[] = [];
    for (let i = 0; i < 16; i += 1) sessions.push(await storedByEarlier(world, 300));
    const before = await Promise.all(sessions.map((session) => readTexts(world.db, session)));
    const packed = () => segmentsOf(world.db).countDocuments({ packed: { $exists: true } });
    let wasHalfDone = false;
    for (const enough of [1, 6, 16]) {
      const killWhen = async () => (await packed()) >= enough;
      await runScript('pack-segments.ts', [], world.env, { killWhen });
      wasHalfDone ||= (await packed()) < 32;
    }
    assert.equal((await world.pack()).code, 0);
    assert.equal(await packed(), 32);
    for (const [i, session] of sessions.entries()) {
      assert.deepEqual(await readTexts(world.db, session), before[i]);
      assert.equal((await checkLog(world, session)).verdict.status, 'verified');
    }
    t.diagnostic(`killed half way: ${wasHalfDone}`);
  });
});
