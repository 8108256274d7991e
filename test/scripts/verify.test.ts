import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Collection, MongoServerError } from 'mongodb';
import { runVerify } from '../../scripts/verify.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createLogWorld, eventOf, type LogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { commandEnv, type Finished, runScript } from '../support/commands.ts';
import { damageRow } from '../support/damage-rows.ts';
import { runHere } from '../support/run-here.ts';
import { readTexts, replaceTexts } from '../support/segments.ts';
import { withoutKey } from '../support/unverifiable-mark.ts';

const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

async function createWorld(
  t: TestContext,
): Promise<LogWorld & { dataDir: string; verify(args: string[], keys?: string): Promise<Finished> }> {
  const world = await createLogWorld(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'verify-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return {
    ...world,
    dataDir,
    verify: (args, keys = KEYS) => runHere(runVerify, args, commandEnv(world.database, dataDir, keys)),
  };
}

async function alter(world: LogWorld, session: Session, at: number): Promise<void> {
  const texts = await readTexts(world.db, session);
  await replaceTexts(world.db, session, texts.with(at, texts[at]!.replace('MSKV1', 'MSKV9')));
}

describe('npm run verify', () => {
  it('verify prints the verdict of one session and exits 0', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 300);
    const env = commandEnv(world.database, world.dataDir, KEYS);
    const { code, stdout } = await runScript('verify.ts', [session.id], env);
    assert.equal(code, 0);
    assert.equal(stdout, `${session.id} verified, 300 entries, sealed, root ${session.merkleRootHex}\n`);
  });

  it('verify names the fault of a failed log and its place, exits 2 and marks the session', async (t) => {
    const world = await createWorld(t);
    const [well, bad] = [await writeSession(world, 5), await writeSession(world, 300)];
    await alter(world, bad, 256);
    const { code, stdout, stderr } = await world.verify(['--all']);
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${bad.id} FAILED: altered at seq 256$`, 'm'));
    assert.match(stdout, new RegExp(`^${well.id} verified`, 'm'));
    assert.match(stderr, /1 verified, 1 failed, 0 unverifiable/);
    const row = await world.db
      .collection<{ _id: string; log_failed?: { fault: string } }>('sessions')
      .findOne({ _id: bad.id });
    assert.equal(row?.log_failed?.fault, 'altered');
  });

  it('verify --all names a row whose policy is another than that of its SHA-256, and exits 2', async (t) => {
    const world = await createWorld(t);
    const [, bad] = [await writeSession(world, 5), await writeSession(world, 5)];
    await damageRow(world.db, bad, { policy_version: 2 });
    const { code, stdout, stderr } = await world.verify(['--all']);
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${bad.id} unverifiable: the row is damaged: policy_version `, 'm'));
    assert.match(stderr, /1 verified, 0 failed, 1 unverifiable \(1 for a damaged row\)/);
  });

  it('verify names the mark of an opening that is of other facts, or that a log without entries lacks', async (t) => {
    const world = await createWorld(t);
    const [well, moved, empty] = [
      await writeSession(world, 5, { seal: false }),
      await writeSession(world, 5, { seal: false }),
      await writeSession(world, 0, { seal: false }),
    ];
    await damageRow(world.db, moved, { started_at: new Date('2020-01-01T00:00:00Z') });
    const rows = world.db.collection<{ _id: string }>('sessions');
    await rows.updateOne({ _id: empty.id }, { $unset: { 'log.opening': '' } });
    const { code, stdout, stderr } = await world.verify(['--all']);
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${well.id} verified`, 'm'));
    for (const { id } of [moved, empty]) {
      const named =
        'log.opening is not as a writer stored it, or the agent, the start, the policy or the key that it covers is not';
      assert.match(stdout, new RegExp(`^${id} unverifiable: the row is damaged: ${named}; compare`, 'm'));
    }
    assert.match(stderr, /1 verified, 0 failed, 2 unverifiable \(2 for a damaged row\)/);
  });

  it('a row at which the verification throws is named, exits 1, and does not end the command', async (t) => {
    const world = await createWorld(t);
    const rows = world.db.collection<{ _id: string; log_failed?: object }>('sessions');
    const [well, unread, unmarked] = await Promise.all([1, 2, 3].map((n) => writeSession(world, n)));
    const mark = { log_failed: { fault: 'altered', seq: 0, found_at: new Date() } };
    await rows.updateMany({}, { $set: mark });
    const tooLarge = new MongoServerError({ message: 'Resulting document is larger', code: 17419 });
    const { findOne, updateOne } = Collection.prototype;
    t.mock.method(
      Collection.prototype,
      'findOne',
      async function (this: Collection, ...given: [{ _id?: unknown }]) {
        if (given[0]?._id === unread!.id) throw new SyntaxError('Invalid regular expression');
        return await findOne.apply(this, given);
      },
    );
    t.mock.method(
      Collection.prototype,
      'updateOne',
      async function (this: Collection, ...given: [{ _id?: unknown }, object]) {
        if (given[0]?._id === unmarked!.id) throw tooLarge;
        return await updateOne.apply(this, given);
      },
    );
    for (const args of [['--marked'], ['--all']]) {
      const { code, stdout, stderr } = await world.verify(args);
      assert.match(
        stdout,
        new RegExp(`^${unread!.id} verification_broke_off: Invalid regular expression$`, 'm'),
      );
      assert.match(stdout, new RegExp(`^${unmarked!.id} verified, 3 entries`, 'm'));
      if (args[0] === '--marked') {
        assert.match(
          stdout,
          new RegExp(`^${unmarked!.id} verification_broke_off: Resulting document is larger$`, 'm'),
        );
        assert.match(
          stderr,
          /2 verified, 0 failed, 0 unverifiable; 0 open, 0 ended but unsealed; 2 broke off/,
        );
      }
      assert.match(stdout, new RegExp(`^${well!.id} verified`, 'm'));
      assert.equal(code, 1, stdout + stderr);
    }
    const { stdout } = await world.verify(['--marked', '--json']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.find(({ finding, session_id }) => finding && session_id === unread!.id),
      {
        ...{ finding: 'verification_broke_off', account_id: unread!.accountId, session_id: unread!.id },
        error: 'Invalid regular expression',
      },
    );
  });

  it('verify --marked walks the marked logs alone, and clears what is well again', async (t) => {
    const world = await createWorld(t);
    const rows = world.db.collection<{ _id: string; log_failed?: object; log_unverifiable?: object }>(
      'sessions',
    );
    const [well, mended, bad, keyless] = await Promise.all([1, 2, 3, 4].map((n) => writeSession(world, n)));
    await alter(world, bad!, 0);
    const mark = { log_failed: { fault: 'altered', seq: 0, found_at: new Date() } };
    await rows.updateMany({ _id: { $in: [mended!.id, bad!.id] } }, { $set: mark });
    await rows.updateOne({ _id: keyless!.id }, { $set: withoutKey('k_test') });
    const { code, stdout, stderr } = await world.verify(['--marked']);
    assert.equal(code, 2);
    const verdicts = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2).join(' '));
    const expected = [`${mended!.id} verified,`, `${bad!.id} FAILED:`, `${keyless!.id} verified,`];
    assert.deepEqual(verdicts.sort(), expected.sort());
    assert.ok(!stdout.includes(well!.id));
    assert.match(stderr, /^2 verified, 1 failed, 0 unverifiable; 0 open, 0 ended but unsealed$/m);
    const marked = await rows
      .find({ $or: [{ log_failed: { $exists: true } }, { log_unverifiable: { $exists: true } }] })
      .toArray();
    assert.deepEqual(
      marked.map(({ _id }) => _id),
      [bad!.id],
    );
    assert.equal((await world.verify(['--marked', '--all'])).code, 64);
  });

  it('verify calls a log unverifiable without its key, and exits 1', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 5);
    const { code, stdout } = await world.verify([session.id], `k_other:${'9f'.repeat(32)}`);
    assert.equal(code, 1);
    const why = `audit key ${TEST_KEY.id} is not configured, or is another key of that name`;
    assert.equal(stdout, `${session.id} unverifiable: ${why}\n`);
  });

  it('verify names the keys that stored logs need, before the walk and in its summary', async (t) => {
    const world = await createWorld(t);
    for (const size of [0, 5]) await writeSession(world, size);
    const lost = await world.verify(['--all'], `k_other:${'9f'.repeat(32)}`);
    assert.equal(lost.code, 1);
    const needed = `${TEST_KEY.id} is not configured (2 sessions)`;
    assert.match(lost.stderr, /^Stored logs need audit keys: .* Set AUDIT_KEYS to/);
    assert.ok(lost.stderr.includes(`\n0 verified, 0 failed, 2 unverifiable: ${needed}; `), lost.stderr);

    const wrong = await world.verify(['--all'], `${TEST_KEY.id}:${'9f'.repeat(32)}`);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /2 unverifiable: k_test does not match \(2 sessions\); /);

    const narrow = await world.verify(['--all'], `${KEYS};account=${newId('account')}`);
    assert.equal(narrow.code, 2);
    assert.match(
      narrow.stderr,
      /^Stored logs need .* widen its scope in AUDIT_KEYS: k_test: add ;account=acc_/,
    );
    assert.match(narrow.stderr, /2 failed, 0 unverifiable: k_test is out of scope \(2 sessions; /);

    const right = await world.verify(['--all']);
    assert.equal(right.code, 0);
    assert.doesNotMatch(right.stderr, /audit key/);
  });

  it('verify --json prints one JSON object a session', async (t) => {
    const world = await createWorld(t);
    const session = await writeSession(world, 5);
    await alter(world, session, 2);
    const { stdout } = await world.verify(['--all', '--json']);
    const { accountId, id } = session;
    const event = eventOf((await readTexts(world.db, session))[2]);
    assert.deepEqual(JSON.parse(stdout), {
      session_id: id,
      account_id: accountId,
      verdict: 'altered',
      seq: 2,
      // The right HMAC of an altered entry is never shown.
      expected: null,
      calculated: null,
      event_id: event.id,
      event_ts: event.ts,
      state: 'sealed',
    });
  });

  it('verify exits 64 on arguments that it cannot use, 1 on an unknown session, 0 on --help', async (t) => {
    const world = await createWorld(t);
    const unknown = `sess_${'0'.repeat(26)}`;
    const cases: [string[], number][] = [
      [[], 64],
      [['x'], 64],
      [['--nonsense'], 64],
      [[unknown, '--all'], 64],
      [[unknown], 1],
      [['--help'], 0],
    ];
    for (const [args, code] of cases) assert.equal((await world.verify(args)).code, code, args.join(' '));
  });
});
