import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runBackfill } from '../../scripts/backfill-merkle-roots.ts';
import { openCheckpoint } from '../../scripts/batch/checkpoint.ts';
import { runImport } from '../../scripts/import.ts';
import { newId } from '../../shared/audit/ids.ts';
import { createLogWorld, eventOf, type LogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { bundleDir, readExpected } from '../support/bundles.ts';
import { commandEnv, type Finished, runScript } from '../support/commands.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { alterEntry, readNaively, rowsOf, writeEnded } from '../support/pipeline-world.ts';
import { runHere } from '../support/run-here.ts';
import { readTexts } from '../support/segments.ts';

const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

type World = LogWorld &
  Readonly<{ dataDir: string; backfill(args?: string[], keys?: string): Promise<Finished> }>;

async function createWorld(t: TestContext): Promise<World> {
  const world = await createLogWorld(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'backfill-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return {
    ...world,
    dataDir,
    backfill: (args = [], keys = KEYS) =>
      runHere(runBackfill, args, commandEnv(world.database, dataDir, keys)),
  };
}

async function rootOf(world: World, { id }: { id: string }) {
  const row = await rowsOf(world).findOne({ _id: id });
  return row && [row.merkle_root_hex, row.merkle_root_size];
}

describe('npm run backfill', () => {
  it('backfill stores the roots that an independent program computed', async (t) => {
    const database = await openTestDatabase(t);
    const dataDir = await mkdtemp(join(tmpdir(), 'backfill-'));
    t.after(() => rm(dataDir, { recursive: true, force: true }));
    const { audit_keys, sessions } = await readExpected('clinic-week');
    const env = commandEnv(database, dataDir, audit_keys);
    assert.equal((await runHere(runImport, [bundleDir('clinic-week')], env)).code, 0);
    const rows = rowsOf(database);
    await rows.updateMany({}, { $set: { merkle_root_hex: null, merkle_root_size: null } });
    const { code, stdout } = await runHere(runBackfill, [], env);
    assert.equal(code, 0);
    assert.equal(stdout, '120 stored, 0 root agrees, 0 skipped, 0 failed, 0 unverifiable\n');
    for await (const { _id, merkle_root_hex, merkle_root_size } of rows.find()) {
      assert.equal(merkle_root_hex, sessions[_id]?.merkle_root_hex);
      assert.equal(merkle_root_size, sessions[_id]?.event_count);
    }
    const again = await runHere(runBackfill, ['--verify'], env);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^0 stored, 120 root agrees/);
  });

  it('backfill names a failed log, never stores its root, and stores the others', async (t) => {
    const world = await createWorld(t);
    const [well, bad] = [await writeEnded(world, 20), await writeEnded(world, 300)];
    await alterEntry(world, bad, 270);
    const { code, stdout } = await world.backfill();
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${bad.id} FAILED: altered at seq 270$`, 'm'));
    assert.match(
      stdout,
      /^1 stored, 0 root agrees, 0 skipped, 1 failed, 0 unverifiable; 1 verified, but unsealed$/m,
    );
    assert.deepEqual(await rootOf(world, bad), [null, null]);
    assert.deepEqual(await rootOf(world, well), [(await readNaively(world, well)).rootHex, 20]);
    assert.equal((await rowsOf(world).findOne({ _id: bad.id }))?.log_failed?.fault, 'altered');
  });

  it('backfill never overwrites a root that differs, and --verify names both', async (t) => {
    const world = await createWorld(t);
    const session = await writeEnded(world, 20);
    const other = 'ab'.repeat(32);
    await rowsOf(world).updateOne(
      { _id: session.id },
      { $set: { merkle_root_hex: other, merkle_root_size: 20 } },
    );
    assert.match((await world.backfill()).stdout, /^0 stored, 0 root agrees/);
    const { code, stdout } = await world.backfill(['--verify', '--json']);
    const [line] = stdout.split('\n').map((text) => text && JSON.parse(text));
    assert.equal(code, 2);
    const event = eventOf((await readTexts(world.db, session)).at(-1));
    assert.deepEqual(line, {
      session_id: session.id,
      account_id: session.accountId,
      outcome: 'failed',
      verdict: 'root_mismatch',
      seq: 19,
      expected: other,
      calculated: (await readNaively(world, session)).rootHex,
      event_id: event.id,
      event_ts: event.ts,
    });
    assert.deepEqual(await rootOf(world, session), [other, 20]);
  });

  it('backfill leaves open sessions, and sessions that the options do not select', async (t) => {
    const world = await createWorld(t);
    const open = await writeSession(world, 5, { seal: false });
    const [mine, other] = [await writeEnded(world, 5, newId('account')), await writeEnded(world, 5)];
    const { stdout } = await world.backfill([
      '--account',
      mine.accountId,
      '--agent',
      mine.agentId,
      '--since',
      '1h',
    ]);
    assert.match(stdout, /^1 stored/);
    assert.deepEqual(await rootOf(world, open), [null, null]);
    assert.deepEqual(await rootOf(world, other), [null, null]);
    const none = await world.backfill(['--until', '2020-01-01T00:00:00Z']);
    assert.match(none.stdout, /^0 stored/);
  });

  it('backfill --dry-run writes nothing', async (t) => {
    const world = await createWorld(t);
    const [, bad] = [await writeEnded(world, 5), await writeEnded(world, 5)];
    await alterEntry(world, bad, 3);
    const before = await rowsOf(world).find().toArray();
    const { code, stdout } = await world.backfill(['--dry-run']);
    assert.equal(code, 2);
    assert.match(
      stdout,
      /^1 would be stored, 0 root agrees, 0 skipped, 1 failed, 0 unverifiable; 1 verified, but unsealed$/m,
    );
    assert.deepEqual(await rowsOf(world).find().toArray(), before);
  });

  it('backfill calls a log whose key is not configured unverifiable, and stores no root for it', async (t) => {
    const world = await createWorld(t);
    const session = await writeEnded(world, 5);
    const { code, stdout } = await world.backfill([], `k_other:${'cd'.repeat(32)}`);
    assert.equal(code, 1);
    assert.match(stdout, /unverifiable: audit key k_test is not configured/);
    assert.deepEqual(await rootOf(world, session), [null, null]);
    assert.equal((await world.backfill()).code, 0);
    assert.equal((await rowsOf(world).findOne({ _id: session.id }))?.log_unverifiable, undefined);
  });

  it('backfill completes after it was killed, and beside a second copy of itself', async (t) => {
    const world = await createWorld(t);
    const sessions = [];
    for (let i = 0; i < 40; i += 1) sessions.push(await writeEnded(world, 50));
    const env = commandEnv(world.database, world.dataDir, KEYS);
    const rooted = () => world.db.collection('sessions').countDocuments({ merkle_root_hex: { $ne: null } });
    const killWhen = async () => (await rooted()) >= 10;
    await runScript('backfill-merkle-roots.ts', [], env, { killWhen });
    const copies = await Promise.all([1, 2].map(() => runScript('backfill-merkle-roots.ts', [], env)));
    assert.deepEqual(
      copies.map(({ code }) => code),
      [0, 0],
    );
    for (const session of sessions) {
      assert.deepEqual(await rootOf(world, session), [(await readNaively(world, session)).rootHex, 50]);
    }
  });

  it('backfill --verify goes on where it was stopped, and prints the counts of the earlier run in a line of their own', async (t) => {
    const world = await createWorld(t);
    const accountId = newId('account');
    const sessions = [];
    for (let i = 0; i < 4; i += 1) sessions.push(await writeSession(world, 5, { accountId }));
    const after = sessions.map(({ id }) => id).sort()[1]!;
    const options = {
      uri: world.database.uri,
      db: world.database.name,
      account: accountId,
      agent: undefined,
      since: undefined,
      until: undefined,
      dryRun: false,
    };
    const times = { begun_at: '2026-05-03T21:14:32Z', written_at: '2026-05-03T21:20:00Z' };
    const tally = { failed: 1, 'root agrees': 1 };
    const checkpoint = openCheckpoint(world.dataDir, 'backfill', options);
    const none = { stored: 0, 'root agrees': 0, skipped: 0, failed: 0, unverifiable: 0, unsealed: 0 };
    const here = { ...none, 'root agrees': 2, finished: true };
    const args = ['--verify', '--account', accountId];
    await checkpoint.write({ after, ...times, tally });
    const json = await world.backfill([...args, '--json']);
    assert.deepEqual(JSON.parse(json.stdout.trimEnd().split('\n').at(-1)!), {
      summary: { ...here, earlier: { ...times, ...none, ...tally } },
    });
    await checkpoint.write({ after, ...times, tally });
    const { code, stdout, stderr } = await world.backfill(args);
    assert.match(stderr, new RegExp(`Going on after ${after} \\(give --restart or remove .*backfill-`));
    assert.equal(
      stdout,
      '0 stored, 2 root agrees, 0 skipped, 0 failed, 0 unverifiable\nnot visited again, from an earlier run (2026-05-03T21:14:32Z to 2026-05-03T21:20:00Z): 0 stored, 1 root agrees, 0 skipped, 1 failed, 0 unverifiable\n',
    );
    assert.equal(code, 2);
    assert.deepEqual(
      (await readdir(world.dataDir)).filter((name) => name.startsWith('backfill')),
      [],
    );
    await checkpoint.write({ after, ...times, tally });
    const anew = await world.backfill([...args, '--restart']);
    assert.deepEqual(
      [anew.code, anew.stdout],
      [0, '0 stored, 4 root agrees, 0 skipped, 0 failed, 0 unverifiable\n'],
    );
  });

  it('backfill exits 64 on arguments that it cannot use, and 0 on --help', async (t) => {
    const world = await createWorld(t);
    for (const args of [['--since', 'soon'], ['--account', 'x'], ['--concurrency', '0'], ['x'], ['--nope']]) {
      assert.equal((await world.backfill(args)).code, 64, args.join(' '));
    }
    assert.match((await world.backfill(['--help'])).stdout, /usage: npm run backfill/);
  });
});
