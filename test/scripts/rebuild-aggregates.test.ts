import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openCheckpoint } from '../../scripts/batch/checkpoint.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { commandEnv, type Finished, runScript } from '../support/commands.ts';
import { alterEntry, readNaively, rowsOf } from '../support/pipeline-world.ts';

const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

async function createWorld(
  t: TestContext,
): Promise<LogWorld & { dataDir: string; rebuild(...args: string[]): Promise<Finished> }> {
  const world = await createLogWorld(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'rebuild-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const env = commandEnv(world.database, dataDir, KEYS);
  return { ...world, dataDir, rebuild: (...args) => runScript('rebuild-aggregates.ts', args, env) };
}

const DAMAGE = { 'aggregate.redaction_count': 9999, 'aggregate.redactions_by_kind': [['NAME', 9999]] };

describe('npm run rebuild-aggregates', () => {
  it('rebuild-aggregates corrects counts from sealed and open logs, and sums their hours', async (t) => {
    const world = await createWorld(t);
    const sealed = await writeSession(world, 300);
    const open = await writeSession(world, 40, { seal: false });
    const right = await writeSession(world, 10);
    const ids = [sealed.id, open.id];
    await rowsOf(world).updateMany({ _id: { $in: ids } }, { $set: DAMAGE as object });
    const { code, stdout } = await world.rebuild();
    assert.equal(code, 0);
    assert.match(stdout, /^2 rebuilt, 1 counts agree, 0 skipped, 0 failed, 0 unverifiable$/m);
    for (const session of [sealed, open, right]) {
      const row = await rowsOf(world).findOne({ _id: session.id });
      assert.deepEqual(row?.aggregate, (await readNaively(world, session)).aggregate);
      assert.equal(row?.stage, 'done');
      assert.deepEqual((await world.sessions.find(session.accountId, session.id))?.log, session.log);
    }
    const hours = await world.db.collection('redaction_aggregates').find().toArray();
    const counts = hours.map(({ agent_id, redaction_count }) => [agent_id, redaction_count]);
    const expected = await Promise.all(
      [sealed, right].map(async (each) => [
        each.agentId,
        (await readNaively(world, each)).aggregate.redaction_count,
      ]),
    );
    assert.deepEqual(counts.sort(), expected.sort());
  });

  it('rebuild-aggregates --dry-run says what differs, and writes nothing', async (t) => {
    const world = await createWorld(t);
    const { id } = await writeSession(world, 20);
    await rowsOf(world).updateOne({ _id: id }, { $set: DAMAGE as object });
    const before = await rowsOf(world).find().toArray();
    const { code, stdout } = await world.rebuild('--dry-run');
    assert.equal(code, 0);
    assert.match(stdout, /^1 would be rebuilt, 0 counts agree/m);
    assert.deepEqual(await rowsOf(world).find().toArray(), before);
  });

  it('rebuild-aggregates names a failed log, and leaves its counts', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 20);
    await alterEntry(world, session, 7);
    const { code, stdout } = await world.rebuild();
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`${session.id} FAILED: altered at seq 7`));
    assert.deepEqual(
      (await world.sessions.find(session.accountId, session.id))?.aggregate,
      session.aggregate,
    );
  });

  it('rebuild-aggregates sums hours whose rows are damaged, and sessions behind a damaged row', async (t) => {
    const world = await createWorld(t);
    const sessions = [];
    for (let i = 0; i < 4; i += 1) sessions.push(await writeSession(world, 5 + i));
    assert.equal((await world.rebuild()).code, 0);
    const hours = world.db.collection('redaction_aggregates');
    const sums = () =>
      hours
        .find({}, { projection: { version: 0 } })
        .sort({ _id: 1 })
        .toArray();
    const before = await sums();
    const [first, second, third] = before.map(({ _id }) => ({ _id }));
    await hours.updateOne(first!, { $set: { version: null, redaction_count: 1 } });
    await hours.updateOne(second!, { $set: { version: Number.POSITIVE_INFINITY, redaction_count: 2 } });
    await hours.updateOne(third!, { $set: { account_id: 7 } });
    assert.equal((await world.rebuild()).code, 0);
    assert.deepEqual(await sums(), before);
    await rowsOf(world).updateOne({ _id: sessions[0]!.id }, { $set: { started_at: 'noon' as never } });
    const { code, stdout } = await world.rebuild();
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`${sessions[0]!.id} unverifiable: .*started_at`));
    assert.match(stdout, /^0 rebuilt, 3 counts agree, 0 skipped, 0 failed, 1 unverifiable$/m);
  });

  it('rebuild-aggregates that was stopped within a day goes on, and says what it did itself', async (t) => {
    const world = await createWorld(t);
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push((await writeSession(world, 5)).id);
    const [first] = ids.sort();
    const none = { account: undefined, agent: undefined, since: undefined, until: undefined };
    const options = { uri: world.database.uri, db: world.database.name, ...none, dryRun: false };
    const stopped = async (writtenMs: number) => {
      const at = new Date(writtenMs).toISOString();
      const progressed = { after: first!, begun_at: at, written_at: at, tally: { 'counts agree': 1 } };
      await openCheckpoint(world.dataDir, 'rebuild-aggregates', options).write(progressed);
    };
    await stopped(Date.now() - 3_600_000);
    const soon = await world.rebuild();
    assert.match(
      soon.stdout,
      /^0 rebuilt, 2 counts agree, .*\nnot visited again, from an earlier run \(.* 1 counts agree/m,
    );
    await stopped(Date.now() - 25 * 3_600_000);
    const late = await world.rebuild();
    assert.match(late.stdout, /^0 rebuilt, 3 counts agree, 0 skipped, 0 failed, 0 unverifiable\n$/);
    assert.doesNotMatch(late.stderr, /Going on/);
  });
});
